"""HTTP/1.1, client side. Start reading in `sender`; the way of a request, each step one file:

    sender ── target, steering, framing, headers   what to write, and where
      ├────── pool ── connection ── answer         a socket, and the bytes that come back
      └────── failure                              or the code that says why none do

Knows nothing of endpoints: whether a back end is worth asking is decided before a request gets here.
"""
