"""HTTP/1.1. The client side begins in `sender`; the way of a request, each step one file:

    sender ── target, steering, framing, headers             what to write, and where
      ├── pool ── dialing ── racing, proxies, tunnel         a connection that is kept, or a new one
      ├── connection ── answer_head, answer_body, chunks     a socket, and the bytes that come back
      ├── uploading, incoming                                bodies on their way, out and in
      ├── response                                           what the language gets
      └── failure                                            or the code that says why it gets nothing

Knows nothing of endpoints: whether a back end is worth asking is decided before a request gets here.
"""
