"""Content without a media type - files, resources of the registry, texts - taken for what it looks like."""

from lxml import etree

from micro_integrator.kit import XmlError, parse
from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.formats.content import Json, Text, Xml
from micro_integrator.synapse.formats.json import read_json
from micro_integrator.synapse.formats.xml import read_xml


def understood(raw: bytes) -> etree._Element | str | bytes:
    """Return an element when `raw` is a document, else text when it is UTF-8, else the bytes."""
    if raw.lstrip()[:1] == b"<":
        try:
            return parse(raw)
        except XmlError:
            pass  # text that merely begins like a document
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw


def understood_text(text: str) -> Xml | Json | Text:
    """Return a document, a JSON object or array, else just text."""
    first = text.lstrip()[:1]
    try:
        if first == "<":
            return Xml(read_xml(text.strip()))
        if first in {"{", "["}:
            return Json(read_json(text), text)
    except FormatError:
        pass  # it only began like one
    return Text(text)
