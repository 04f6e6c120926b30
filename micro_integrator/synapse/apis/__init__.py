"""REST APIs: which API and which resource a request is for, and what happens when there is none.

Knows no protocol. Everything that can be known beforehand is made when the set of artifacts is deployed:
a tree of contexts over all APIs, tables by method inside each API, one regular expression for each template.

    routes ◇ ── path, host, scheme ─▶ Match(api, rest of the path)
    dispatch ◇ ── method, rest, headers ─▶ Found(resource, variables) | NotFound | MethodNotAllowed | ...
    serving ── properties, fault handler, in-sequence; or refusals: 404, 405, 400, OPTIONS
       ├── describing ── ?swagger.json: the document that is published, or `openapi` ◇
       └── handler_chain ── classes of the user, before a resource is looked for and before the answer goes out

Start reading in `serving`. The grammar of `<api>` stands in `synapse/artifacts/api`, that of `<resource>` in
`resource`.
"""
