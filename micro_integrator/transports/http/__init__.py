"""HTTP/1.1, both sides. A client's request, each step one file:

    listener ── listening_port ── client_socket              ports, and who is let in
      └── server_connection ── request_head, arriving        one request after the other; a body may still be on its way
            └── exchange ── response_head                    exactly one answer for each
                  └── access_log, access_pattern             and a line about it

and the request that goes on to a back end:

    sender ── target, steering, framing, headers             what to write, and where
      ├── pool ── dialing ── racing, proxies, tunnel         a connection that is kept, or a new one
      ├── connection ── answer_head, answer_body, chunks     a socket, and the bytes that come back
      ├── uploading, incoming                                bodies on their way, out and in
      ├── response                                           what the language gets
      └── failure                                            or the code that says why it gets nothing

Around both, when the settings ask for it: timed, server_errors, answer_limit, and correlation_id for the log.

Knows neither APIs nor endpoints: what a request means, and whether a back end is worth asking, is decided elsewhere.
"""
