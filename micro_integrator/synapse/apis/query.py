"""Query parameters as properties. ◇

    ?name=Ada+Lovelace&tag=a%26b    query.param.name = "Ada Lovelace", query.param.tag = "a&b"

The name is taken as it is, of a repeated one the last value counts. A piece without `=` belongs to the value before it,
with its `&`; the first piece has none before it, so that it is a parameter with an empty value.
"""

import re
from urllib.parse import unquote_plus

from micro_integrator.synapse.errors import MediationError

BAD_REQUEST = 400
PREFIX = "query.param."

_ILLEGAL = re.compile(r"%(?![0-9A-Fa-f]{2})")


def parameters(query: str) -> dict[str, str]:
    """Return `query.param.NAME` → value. Raises MediationError, code 400, for a `%` that begins no escape."""
    if "%" in query and _ILLEGAL.search(query) is not None:
        raise MediationError(f"The query '{query}' of the request has an illegal escape", code=BAD_REQUEST)
    found: dict[str, str] = {}
    name = ""
    for piece in query.rstrip("&").split("&"):
        key, mark, value = piece.partition("=")
        if mark:
            name = PREFIX + key
            found[name] = unquote_plus(value)
        elif name:
            found[name] += f"&{unquote_plus(piece)}"
        elif piece:
            name = PREFIX + piece
            found[name] = ""
    return found
