"""What stands for a value in a payload, by the target; and whether it can do no harm in a sound format."""

import re
from xml.sax.saxutils import escape

from lxml import etree

from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.expressions import text_of
from micro_integrator.synapse.formats import read_json, read_xml, write_json
from micro_integrator.synapse.formats.json_xml import OBJECT, to_json, to_xml

ENTITIES = {'"': "&quot;", "'": "&apos;"}
"""How quotes are written in XML."""

_MARKUP = re.compile("[<>&\"']")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot hold, or would read as something else: a carriage return."""
_BLANKS = re.compile("[\t\n]")
_PRIMITIVE = re.compile(r"true|false|null|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def xml_text(value: object, *, is_attribute: bool) -> tuple[str, bool]:
    """Return what stands for `value` in XML, and whether it is text and nothing else, as a writer of XML has it."""
    if not isinstance(value, str) or not value or _may_be_elements(value) or _NOT_IN_XML.search(value):
        return for_xml(value), False
    if _MARKUP.search(value) is None:
        return value, not (is_attribute and _BLANKS.search(value))
    # in an attribute libxml2 has rules of its own how to write some characters
    return (for_xml(value), False) if is_attribute else (escape(value), True)


def json_text(value: object, *, is_quoting: bool) -> tuple[str, bool]:
    """Return what stands for `value` outside of quotes in JSON, and whether it is a number, true, false or null."""
    if not isinstance(value, (str, list, dict, etree._Element)):  # a union would be made anew each time
        return write_json(value), True
    is_whole = isinstance(value, str) and _PRIMITIVE.fullmatch(value) is not None
    return for_json(value, is_quoting=is_quoting), is_whole


def for_xml(value: object) -> str:
    """Return what stands for `value` in XML: documents as they are, JSON converted, text escaped."""
    if isinstance(value, etree._Element) or _is_elements(value):
        return text_of(value)
    if isinstance(value, dict | list):
        root = to_xml(value)
        return "".join(_markup(child) for child in root) if root.tag == OBJECT else _markup(root)
    text = text_of(value)
    if _MARKUP.search(text) is None:
        return text
    return text if _elements_in(text) is not None else escape(text, ENTITIES)


def for_json(value: object, *, is_quoting: bool = False) -> str:
    """Return what stands for `value` outside of quotes in JSON."""
    if isinstance(value, etree._Element) or _is_elements(value):
        value = text_of(value)
    if not isinstance(value, str):
        return write_json(value)
    if _is_json(value):
        return value
    if (holder := _elements_in(value)) is not None:
        return write_json(to_json(holder))
    is_text = is_quoting and not _PRIMITIVE.fullmatch(value)
    return write_json(value) if is_text else inside_quotes(value)


def inside_quotes(value: object) -> str:
    """Return what stands for `value` inside a JSON string."""
    return write_json(text_of(value))[1:-1]


def _markup(element: etree._Element) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=False)


def _is_elements(value: object) -> bool:
    return isinstance(value, list) and any(isinstance(member, etree._Element) for member in value)


def _is_json(text: str) -> bool:
    """Whether the text is a whole JSON object or array."""
    if text.lstrip()[:1] not in {"{", "["}:
        return False
    try:
        read_json(text)
    except FormatError:
        return False
    return True


def _may_be_elements(text: str) -> bool:
    trimmed = text.strip()
    return trimmed.startswith("<") and trimmed.endswith(">")


def _elements_in(text: str) -> etree._Element | None:
    """Return an element that holds those which the text consists of, None when it is anything but elements."""
    if not _may_be_elements(text):
        return None
    try:
        return read_xml(f"<{OBJECT}>{text.strip()}</{OBJECT}>")
    except FormatError:
        return None
