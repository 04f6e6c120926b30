"""application/json: the payload stays JSON from the socket to the socket."""

import re

from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.formats.content import Json
from micro_integrator.synapse.formats.json import read_json
from micro_integrator.synapse.formats.views import Views

_BYTE_ORDER_MARK = "\ufeff"
_BEYOND_ASCII = re.compile("[^\x00-\x7f]")


def decode(raw: bytes, charset: str) -> Json | None:
    """Read a JSON text, scalars included; nothing but white space is no payload."""
    if not raw.strip():
        return None
    try:
        text = raw.decode(charset).removeprefix(_BYTE_ORDER_MARK)
    except UnicodeDecodeError as error:
        raise FormatError(f"Invalid JSON payload: {error}") from error
    return Json(read_json(text), text)


def encode(views: Views, charset: str) -> bytes:
    """Write the payload as JSON; nothing when the body is empty. What `charset` does not have is escaped."""
    content = views.content()
    if content is None or (not isinstance(content, Json) and views.xml() is None):
        return b""
    text = views.json_text()
    try:
        return text.encode(charset)
    except UnicodeEncodeError:
        return _BEYOND_ASCII.sub(_escaped, text).encode(charset)


def _escaped(character: re.Match[str]) -> str:
    r"""Return a character as \uXXXX: two of them for what Unicode added later."""
    raw = character[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{raw[at : at + 2].hex()}" for at in range(0, len(raw), 2))
