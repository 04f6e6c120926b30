"""multipart/form-data: fields and files as children of one element.

    <mediate>
        <customer>Ada</customer>
        <photo filename="ada.png" content-type="image/png">iVBORw0…</photo>
        <part name="my file[]">…</part>
    </mediate>

A field is text; a file has a name of its own and is base64. `content-type` is there when the part said so. A name that
no element can have stands in the attribute `name`, which wins over the element's when parts are written.
"""

import base64
import re
import secrets
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.formats.content import Xml
from micro_integrator.synapse.formats.field import add_field
from micro_integrator.synapse.formats.media_type import charset_of, is_same_charset
from micro_integrator.synapse.formats.views import Views
from micro_integrator.synapse.formats.xml import standalone

MEDIA_TYPE = "multipart/form-data"
ROOT = "mediate"

_FILE = "{http://org.apache.axis2/xsd/form-data}file"
"""An element that authors write for a file; its field is called `file` unless `name` says otherwise."""
_FILE_NAME, _FILE_TYPE = "esb-generated-file", "text/plain"
"""Of a file for which nothing else is said."""
_LINE_END = b"\r\n"
_DASHES = b"--"
_BOUNDARY = re.compile(r"""[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]""")
_PARAMETER = re.compile(r""";[ \t]*([\w*-]+)[ \t]*=[ \t]*(?:"((?:\\.|[^"\\])*)"|([^;"\s]*))""")
_ESCAPED = re.compile(r"""\\(["\\])""")
_UNSAFE_IN_NAMES = {ord('"'): "%22", ord("\r"): "%0D", ord("\n"): "%0A"}


class _Part(NamedTuple):
    """One part, as it came."""

    name: str
    file_name: str | None
    content_type: str
    content: bytes


def decode(raw: bytes, charset: str, boundary: str = "") -> Xml | None:
    """Read parts; `boundary` is what Content-Type says stands between them, else the first line is asked."""
    if not raw:
        return None
    root = etree.Element(ROOT)
    try:
        for part in _parts(raw, boundary or boundary_of(raw)):
            _append(root, part, charset)
    except (ValueError, LookupError) as error:
        raise FormatError(f"Invalid multipart payload: {error}") from error
    return Xml(root)


def encode(views: Views, charset: str) -> bytes:
    """Write a part for each child of the payload element, with a new boundary."""
    payload = views.xml()
    if payload is None:
        return b""
    delimiter = _DASHES + secrets.token_hex(16).encode("ascii")
    pieces = [delimiter]
    for element in payload.iterchildren(etree.Element):
        pieces += [_LINE_END, *_written(element, charset), _LINE_END, delimiter]
    return b"".join([*pieces, _DASHES, _LINE_END])


def boundary_of(raw: bytes) -> str:
    """Return the boundary that the first line of `raw` names. Raises FormatError when it is none."""
    line = raw[:80].partition(_LINE_END)[0].decode("latin-1")
    found = line[2:].removesuffix("--") if line.startswith("--") else ""
    if not _BOUNDARY.fullmatch(found):
        raise FormatError("Invalid multipart payload: it does not begin with a boundary")
    return found


def announced(raw: bytes) -> str:
    """Return the Content-Type for what `encode` has written."""
    return f"{MEDIA_TYPE}; boundary={boundary_of(raw)}" if raw else MEDIA_TYPE


# ---- reading ---------------------------------------------------------------------------------------------------------


def _parts(raw: bytes, boundary: str) -> Iterator[_Part]:
    _, *pieces = (_LINE_END + raw).split(_LINE_END + _DASHES + boundary.encode("latin-1"))
    for piece in pieces:
        if piece.startswith(_DASHES):
            return
        padding, line_end, rest = piece.partition(_LINE_END)
        if padding.strip(b" \t") or not line_end:
            raise ValueError("a line begins like the boundary and is none")
        head, _, content = (_LINE_END + rest).partition(_LINE_END + _LINE_END)
        yield _part(_readable(head).split("\r\n"), content)
    raise ValueError("it ends within a part")


def _part(lines: list[str], content: bytes) -> _Part:
    disposition, content_type = "", ""
    for line in lines:
        name, _, value = line.partition(":")
        if name.lower() == "content-disposition":
            disposition = value
        elif name.lower() == "content-type":
            content_type = value.strip()
    said = {
        match[1].lower(): match[3] if match[2] is None else _ESCAPED.sub(r"\1", match[2])
        for match in _PARAMETER.finditer(disposition)
    }
    if "name" not in said:
        raise ValueError("a part has no name")
    return _Part(said["name"], said.get("filename"), content_type, content)


def _readable(head: bytes) -> str:
    """Return the head of a part: browsers send names in UTF-8, older programs in Latin-1."""
    try:
        return head.decode("utf-8")
    except UnicodeDecodeError:
        return head.decode("latin-1")


def _append(root: etree._Element, part: _Part, charset: str) -> None:
    element = add_field(root, part.name)
    if part.content_type:
        element.set("content-type", part.content_type)
    if part.file_name is not None:
        element.set("filename", part.file_name)
        element.text = base64.b64encode(part.content).decode("ascii")
    else:
        own = charset_of(part.content_type) if "charset" in part.content_type.lower() else charset
        element.text = part.content.decode(own)


# ---- writing ---------------------------------------------------------------------------------------------------------


def _written(element: etree._Element, charset: str) -> Iterator[bytes]:
    """Yield head and content of one part."""
    name = element.get("name") or etree.QName(element).localname
    file_name, content_type = element.get("filename"), element.get("content-type", "")
    if element.tag == _FILE or file_name is not None:
        content = _bytes_of(element, name)
        file_name = file_name or _FILE_NAME
        content_type = content_type or _FILE_TYPE
        if (told := element.get("charset")) is not None:
            content_type += f"; charset={told}"
    elif len(element):
        content_type = "application/xml"
        content = etree.tostring(standalone(element), encoding="utf-8")
    else:
        content = (element.text or "").encode(charset, "replace")
        if not content_type and not is_same_charset(charset, "utf-8"):
            content_type = f"text/plain; charset={charset}"
    yield _head(name, file_name, content_type)
    yield content


def _head(name: str, file_name: str | None, content_type: str) -> bytes:
    head = f'Content-Disposition: form-data; name="{name.translate(_UNSAFE_IN_NAMES)}"'
    if file_name is not None:
        head += f'; filename="{file_name.translate(_UNSAFE_IN_NAMES)}"'
    if content_type:
        if not content_type.isprintable():
            raise FormatError(f"The content-type of the part {name} holds a line break")
        head += f"\r\nContent-Type: {content_type}"
    return f"{head}\r\n\r\n".encode()


def _bytes_of(element: etree._Element, name: str) -> bytes:
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except ValueError as error:
        raise FormatError(f"The file of the part {name} is not in base64: {error}") from error
