"""Requests to back ends, each step one file.

    sender ── target, steering, framing, header_rules        what to write, and where
      ├── pool ── dialing ── racing, proxies, tunnel         a connection that is kept, or a new one
      ├── connection ── back_end_socket, head_reader, …      a socket, and the bytes that come back
      ├── uploading                                          a body that is still on its way to us
      └── response                                           what the language gets

Around the sender, when the settings ask for it: `server_errors`, `answer_limit` and `timed`. `guarded` names addresses
that no message may choose; `stopwatch` is the time of a connection.
"""
