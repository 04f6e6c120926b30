"""text/plain and bytes: payloads without a structure, which XML mediators see as one wrapping element."""

import base64
from typing import Any

from lxml import etree

from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.formats.content import Binary, Json, Text
from micro_integrator.synapse.formats.views import Views

WRAPPER = "http://ws.apache.org/commons/ns/payload"

_NAMESPACES: Any = {None: WRAPPER}
_TEXT, _BINARY = f"{{{WRAPPER}}}text", f"{{{WRAPPER}}}binary"


def decode_text(raw: bytes, charset: str) -> Text | None:
    """Read characters; what `charset` cannot explain is a FormatError."""
    try:
        return Text(raw.decode(charset)) if raw else None
    except UnicodeDecodeError as error:
        raise FormatError(f"Invalid text payload: {error}") from error


def decode_binary(raw: bytes, _charset: str) -> Binary | None:
    """Keep the bytes."""
    return Binary(raw) if raw else None


def wrapped(content: Text | Binary) -> etree._Element:
    """Return the element through which XML mediators see text (as it is) or bytes (in base64)."""
    is_text = isinstance(content, Text)
    element = etree.Element(_TEXT if is_text else _BINARY, nsmap=_NAMESPACES)
    try:
        element.text = content.text if isinstance(content, Text) else base64.b64encode(content.raw).decode()
    except ValueError as error:  # characters that XML does not allow
        raise FormatError(f"The text payload has no XML form: {error}") from error
    return element


def encode_text(views: Views, charset: str) -> bytes:
    """Write the characters of the payload; of an element everything that is text in it."""
    content = views.content()
    if isinstance(content, Text):
        text = content.text
    elif isinstance(content, Json):
        text = views.json_text()
    else:
        payload = views.xml()
        text = "" if payload is None else "".join(map(str, payload.itertext()))
    return text.encode(charset, "replace")


def encode_binary(views: Views, charset: str) -> bytes:
    """Write the bytes themselves; of anything that was never binary, its text."""
    content = views.content()
    if isinstance(content, Binary):
        return content.raw
    payload = views.xml()
    if payload is not None and payload.tag == _BINARY:
        try:
            return base64.b64decode(payload.text or "")
        except ValueError as error:
            raise FormatError(f"The element {_BINARY} does not hold base64: {error}") from error
    return encode_text(views, charset)
