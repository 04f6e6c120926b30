"""HTTP/1.1: `server` takes requests in and answers them, `client` sends requests out and brings the answers back.

Neither knows the other. What both need stands here: `limits` and `known_lines` for reading heads, `header_lines` for
writing them, `chunks` and `body_reader` for the end of a body, `incoming` for what has arrived and not been read yet,
`outbox` for what is about to go out, `stages` for telling how far an exchange has come, `failure` for what can go wrong
on the way.

Knows neither APIs nor endpoints: what a request means, and whether a back end is worth asking, is decided elsewhere.
"""
