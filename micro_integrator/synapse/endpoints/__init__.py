"""Where messages are sent: an address, what to do when it does not answer, and whether it is worth asking at all.

Knows no protocol: bytes leave through `ports.Sender`. An endpoint of one address is a `leaf`; how it comes to its URL
stands in `address`, `http` and `default`. The way of a message:

    health (state ◇) ── may I? ─▶ properties ─▶ outgoing: URL, method, headers, bytes ─▶ Sender ─▶ response
                                                                                           └─▶ EndpointError

Start reading in `leaf`; `reading` finds the kind an element is of, and is the place to add one.
"""
