"""application/json: the payload stays JSON from the socket to the socket."""

from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.formats.content import Json
from micro_integrator.synapse.formats.json import read_json
from micro_integrator.synapse.formats.views import Views


def decode(raw: bytes, charset: str) -> Json | None:
    """Read a JSON text, scalars included; nothing but white space is no payload."""
    if not raw.strip():
        return None
    try:
        text = raw.decode("utf-8-sig" if charset.lower() in {"utf-8", "utf8"} else charset)
    except UnicodeDecodeError as error:
        raise FormatError(f"Invalid JSON payload: {error}") from error
    return Json(read_json(text), text)


def encode(views: Views, charset: str) -> bytes:
    """Write the payload as JSON; nothing when the body is empty."""
    return b"" if views.content() is None else views.json_text().encode(charset, "replace")
