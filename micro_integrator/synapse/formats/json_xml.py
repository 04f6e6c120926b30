"""JSON ⇄ XML by fixed tables: the only place where the two kinds of payload are turned into each other.

Names on the XML side: `jsonObject`, `jsonArray` (of `jsonElement`) and `jsonValue` stand for what JSON has at its top.
A member `"@x"` is an attribute, `"$"` the text beside attributes; a member that holds an array becomes a repeated
element, and repeated elements become an array again. One element alone cannot tell: that is why JSON payloads stay
JSON unless a mediator really needs a tree.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lxml import etree

from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.formats.json import JsonValue, read_json, write_json

OBJECT, ARRAY, ELEMENT, VALUE = "jsonObject", "jsonArray", "jsonElement", "jsonValue"

_XSI_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_MULTIPLE = "xml-multiple"
_DIGIT_FIRST, _DOLLAR_FIRST, _ESCAPED = "_JsonReader_PD_", "_JsonReader_PS_", "_JsonReader_"
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_NAME = re.compile(r"[^\W\d][\w.\-·]*")
_CODE_POINT = re.compile(_ESCAPED + r"(\d+)_")
_LITERALS: dict[str, JsonValue] = {"true": True, "false": False, "null": None}


@dataclass(frozen=True, slots=True)
class Rules:
    """Choices within the tables."""

    with_nil: bool = False
    """Write null as xsi:nil="true" and read it back."""
    with_array_marks: bool = False
    """Put `<?xml-multiple name?>` before the elements of an array, so that short arrays survive the way back."""
    escape_names: bool = False
    """Write characters that no XML name may have as `_JsonReader_<code point>_` instead of refusing them."""
    auto_primitive: bool = True
    """Read text that looks like a number, a boolean or null as such."""
    text_pattern: re.Pattern[str] | None = None
    """Text that matches it stays text."""
    replace_pattern: re.Pattern[str] | None = None
    """Text in which it is found stays text, with the match replaced by `replacement`."""
    replacement: str = ""
    null_for_empty: bool = True
    """Read an empty element as null, not as an empty text."""
    with_namespaces: bool = False
    """Keep prefixes (joined with `_`) and declarations (as `@xmlns`)."""
    keep_spaces: bool = False
    """Keep text that is nothing but white space."""


DEFAULT = Rules()


def to_xml(value: JsonValue, rules: Rules = DEFAULT) -> etree._Element:
    """Return the element that stands for a JSON payload. Raises FormatError for what has no XML form."""
    if isinstance(value, dict):
        root = etree.Element(OBJECT)
        _fill(root, value, rules)
    elif isinstance(value, list):
        root = etree.Element(ARRAY)
        for member in value:
            _add(root, ELEMENT, member, rules)
    else:
        root = etree.Element(VALUE)
        root.text = write_json(value)
    return root


def to_json(element: etree._Element, rules: Rules = DEFAULT) -> JsonValue:
    """Return the JSON value of a payload element. Raises FormatError for mixed content."""
    name = etree.QName(element).localname
    if name == OBJECT:
        value = _value(element, rules)
        return {} if value is None else value
    if name == ARRAY:
        return [_value(child, rules) for child in element.iterchildren(etree.Element)]
    if name == VALUE:
        return read_json(element.text or "null")
    return {_member_name(element, rules): _value(element, rules)}


def _fill(parent: etree._Element, members: dict[str, JsonValue], rules: Rules, space: str = "") -> None:
    """Put `members` into `parent`; `space` is the default namespace there, in braces."""
    for name, value in members.items():
        if name == "$":
            parent.text = _text(value)
        elif name.startswith("@") and len(name) > 1 and not isinstance(value, dict | list):
            if not name.startswith("@xmlns"):  # declarations were made together with the element
                parent.set(_element_name(name[1:], rules), _text(value))
        else:
            _add(parent, _element_name(name, rules), value, rules, space)


def _add(parent: etree._Element, name: str, value: JsonValue, rules: Rules, space: str = "") -> None:
    if isinstance(value, list):
        if parent.tag == ARRAY or any(isinstance(member, list) for member in value):
            raise FormatError(f"Array start inside array: the arrays in '{name}' have no XML form")
        if rules.with_array_marks:
            parent.append(etree.ProcessingInstruction(_MULTIPLE, name))
        for member in value:
            _add(parent, name, member, rules, space)
    elif isinstance(value, dict):
        namespaces = _declarations(value)
        inner = f"{{{namespaces[None]}}}" if namespaces.get(None) else space
        _fill(etree.SubElement(parent, inner + name, nsmap=namespaces or None), value, rules, inner)
    else:
        child = etree.SubElement(parent, space + name)
        if value is not None:
            child.text = _text(value)
        elif rules.with_nil:
            child.set(_XSI_NIL, "true")


def _declarations(members: dict[str, JsonValue]) -> Any:
    """Return prefix → namespace of the members that declare one."""
    return {
        name.partition(":")[2] or None: str(value)
        for name, value in members.items()
        if name == "@xmlns" or name.startswith("@xmlns:")
    }


def _text(value: JsonValue) -> str:
    text = value if isinstance(value, str) else write_json(value)
    if _FORBIDDEN.search(text):
        raise FormatError(f"The text {text!r:.60} has characters that XML does not allow")
    return text


_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _element_name(name: str, rules: Rules) -> str:
    if name[:1].isdigit():
        name = _DIGIT_FIRST + name
    elif name.startswith("$"):
        name = _DOLLAR_FIRST + name[1:]
    if _NAME.fullmatch(name):
        return name
    if not rules.escape_names or not name:
        raise FormatError(f"The JSON member '{name}' cannot be the name of an XML element")
    return "".join(
        character if _NAME.fullmatch("a" + character) else f"{_ESCAPED}{ord(character)}_"
        for character in name
    )


def _member_name(element: etree._Element, rules: Rules) -> str:
    name = etree.QName(element).localname
    if name.startswith(_DIGIT_FIRST):
        name = name.removeprefix(_DIGIT_FIRST)
    elif name.startswith(_DOLLAR_FIRST):
        name = "$" + name.removeprefix(_DOLLAR_FIRST)
    if rules.escape_names:
        name = _CODE_POINT.sub(lambda found: chr(int(found[1])), name)
    return f"{element.prefix}_{name}" if rules.with_namespaces and element.prefix else name


def _value(element: etree._Element, rules: Rules) -> Any:
    has_children = next(element.iterchildren(etree.Element), None) is not None
    members = _attributes(element, rules)
    text = _own_text(element, rules)
    if has_children:
        if text.strip():
            raise FormatError(f"Mixed content is not supported: <{element.tag}> has text beside elements")
        _gather(element, members, rules)
        return members
    if element.get(_XSI_NIL) == "true" and rules.with_nil:
        return None
    if not members:
        return _scalar(text, rules)
    if text:
        members["$"] = _scalar(text, rules)
    return members


def _attributes(element: etree._Element, rules: Rules) -> dict[str, JsonValue]:
    members: dict[str, JsonValue] = {}
    if rules.with_namespaces:
        parent = element.getparent()
        inherited = {} if parent is None else parent.nsmap
        for prefix, namespace in element.nsmap.items():
            if inherited.get(prefix) != namespace:
                members[f"@xmlns:{prefix}" if prefix else "@xmlns"] = namespace
    for name, value in element.attrib.items():
        if not (name == _XSI_NIL and rules.with_nil):
            members[f"@{etree.QName(name).localname}"] = str(value)
    return members


def _own_text(element: etree._Element, rules: Rules) -> str:
    text = (element.text or "") + "".join(child.tail or "" for child in element)
    return text if text.strip() or rules.keep_spaces else ""


def _gather(element: etree._Element, members: dict[str, JsonValue], rules: Rules) -> None:
    """Add the child elements to `members`; those of one name, and those marked so, become an array."""
    arrays: dict[str, list[JsonValue]] = {}
    for child in element.iterchildren(etree.Element, etree.ProcessingInstruction):
        if isinstance(child, etree._ProcessingInstruction):
            if child.target == _MULTIPLE:
                name = (child.text or "").strip()
                members[name] = arrays[name] = arrays.get(name, [])
        else:
            name = _member_name(child, rules)
            value = _value(child, rules)
            if name in arrays:
                arrays[name].append(value)
            elif name in members:
                members[name] = arrays[name] = [members[name], value]
            else:
                members[name] = value


def _scalar(text: str, rules: Rules) -> JsonValue:
    if not text:
        return None if rules.null_for_empty else ""
    if rules.replace_pattern and rules.replace_pattern.search(text):
        return rules.replace_pattern.sub(rules.replacement, text)
    if not rules.auto_primitive or (rules.text_pattern and rules.text_pattern.fullmatch(text)):
        return text
    if text in _LITERALS:
        return _LITERALS[text]
    if found := _NUMBER.fullmatch(text):
        with suppress(ArithmeticError, ValueError):  # too many digits for a number: it stays a text
            return Decimal(text) if found[2] or found[3] else int(text)
    return text
