"""Requests of clients, each step one file.

    listener ── listening_port ── client_socket              ports, and who is let in
      └── connection ── request_head, arriving               one request after the other; a body may still be on its way
            └── exchange ── response_head                    exactly one answer for each
                  └── access_log, access_pattern             and a line about it

`terms` is what the connections of one listener have in common, `door` what those of one port have. `refusal` is how a
request is turned away, `correlation_id` makes ids, `timed` measures for the correlation log.
"""
