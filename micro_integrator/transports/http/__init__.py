"""HTTP/1.1. The way of a request, each step one file:

    sender ── target, steering, framing, headers   what to write, and where
      ├────── pool ── connection ── answer         a socket, the bytes that come back
      └────── failure                              or the code that says why there are none
"""
