"""HTTP/1.1: `server` takes requests in and answers them, `client` sends requests out and brings the answers back.

Neither knows the other. What both need stands here: `header_lines` writes headers, `chunks` and `body_reader` find the
end of a body, `incoming` holds what has arrived and not been read yet, `failure` names what can go wrong on the way.

Knows neither APIs nor endpoints: what a request means, and whether a back end is worth asking, is decided elsewhere.
"""
