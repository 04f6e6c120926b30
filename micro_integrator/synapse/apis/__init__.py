"""REST APIs: which API and which resource a request is for, and what happens when there is none.

Knows no protocol and no loop. Everything that can be known beforehand is made when the set of artifacts is deployed:
a tree of contexts over all APIs, tables by method inside each API, one regular expression for each template.

    routes ◇ ── path, host, scheme ─▶ Match(api, rest of the path)
    dispatch ◇ ── method, rest, headers ─▶ Found(resource, variables) | NotFound | MethodNotAllowed | ...
    serving ── properties, fault handler, in-sequence; or refusals: 404, 405, 400, OPTIONS

Start reading in `serving`. The grammar of `<api>` stands in `synapse/artifacts/api`, that of `<resource>` in
`resource`.
"""
