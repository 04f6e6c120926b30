"""A payload with places in it: cut once, filled for each message in one pass.

Every place is `$n`, an argument, or `${}`, an expression. What is put there depends on three things only: the
target (xml, json or text), the kind of the value, and for json whether the place lies inside quotes. Nothing that was
put in is looked at again, so a `$` in a value stays a `$`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import escape, unescape

from lxml import etree

from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.expressions import Expression, ExpressionError, compile_expression, text_of
from micro_integrator.synapse.expressions.scanning import closing_brace
from micro_integrator.synapse.formats import read_json, read_xml, write_json
from micro_integrator.synapse.formats.json_xml import OBJECT, to_json, to_xml
from micro_integrator.synapse.message import Message, is_yes

Target = Literal["xml", "json", "text"]

QUOTE_BARE_TEXTS = "QUOTE_STRING_IN_PAYLOAD_FACTORY_JSON"

_MARKUP = re.compile("[<>&\"']")
_ARGUMENT = re.compile(r"\$(\d+)")
_ENTITIES = {'"': "&quot;", "'": "&apos;"}
_CHARACTERS = {entity: character for character, entity in _ENTITIES.items()}
_PRIMITIVE = re.compile(r"true|false|null|-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Argument:
    """Where the value of a place comes from: an expression, or a text known at deployment."""

    source: Expression | str
    gives_text: bool = True
    """Whether only the text of the value counts (XPath); else objects, arrays and elements keep their kind."""
    is_literal: bool = False
    """Whether the value is text for a JSON string, whatever it looks like."""

    @property
    def reads_body(self) -> bool:
        """Whether the value comes out of the payload."""
        return isinstance(self.source, Expression) and self.source.reads_body

    def value(self, message: Message) -> object:
        """Return text, a JSON value, an element or a list of elements; an empty text for null."""
        if isinstance(self.source, str):
            return self.source
        return (self.source.text(message) or "") if self.gives_text else self.source.content(message)


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a template."""

    argument: Argument
    is_quoted: bool
    """Whether it lies inside a JSON string."""


class PayloadTemplate:
    """A format cut into text and places."""

    def __init__(
        self, text: str, target: Target, arguments: Sequence[Argument], namespaces: Mapping[str, str]
    ) -> None:
        """Cut `text`. Raises ExpressionError for a bad `${}`, FormatError for an argument that does not exist."""
        self._target: Target = target
        self._parts = tuple(_cut(text, target, arguments, namespaces))
        self.reads_body = any(part.argument.reads_body for part in self._parts if isinstance(part, Place))
        """Whether something is taken out of the payload that was there before."""

    def render(self, message: Message) -> str:
        """Return the text with every place filled."""
        return "".join(part if isinstance(part, str) else self._fill(part, message) for part in self._parts)

    def _fill(self, place: Place, message: Message) -> str:
        value = place.argument.value(message)
        if self._target == "xml":
            return for_xml(value)
        if self._target == "text":
            return text_of(value)
        if place.is_quoted or place.argument.is_literal:
            return _inside_quotes(value)
        return for_json(value, is_quoting=is_yes(message.default.get(QUOTE_BARE_TEXTS)))


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
    return text if _elements_in(text) is not None else escape(text, _ENTITIES)


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
    return write_json(value) if is_text else _inside_quotes(value)


def _inside_quotes(value: object) -> str:
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


def _elements_in(text: str) -> etree._Element | None:
    """Return an element that holds those which the text consists of, None when it is anything but elements."""
    trimmed = text.strip()
    if not (trimmed.startswith("<") and trimmed.endswith(">")):
        return None
    try:
        return read_xml(f"<{OBJECT}>{trimmed}</{OBJECT}>")
    except FormatError:
        return None


def _cut(
    text: str, target: Target, arguments: Sequence[Argument], namespaces: Mapping[str, str]
) -> Iterator[str | Place]:
    is_quoted = False
    for part in _pieces(text, target, namespaces):
        if isinstance(part, Expression):
            yield Place(Argument(part, gives_text=False), is_quoted)
            continue
        start = 0
        for found in _ARGUMENT.finditer(part):
            number = int(found[1])
            if not 1 <= number <= len(arguments):
                raise FormatError(f"the format uses ${number}, but there are {len(arguments)} arguments")
            literal = part[start : found.start()]
            is_quoted = _is_inside_quotes(literal, is_quoted)
            yield literal
            yield Place(arguments[number - 1], is_quoted)
            start = found.end()
        is_quoted = _is_inside_quotes(part[start:], is_quoted)
        yield part[start:]


def _pieces(text: str, target: Target, namespaces: Mapping[str, str]) -> Iterator[str | Expression]:
    done = 0
    while (start := text.find("${", done)) >= 0:
        end = closing_brace(text, start + 2)
        if end < 0:
            raise ExpressionError("this '${' is not closed", text, start + 1)
        yield text[done:start]
        source = text[start : end + 1]
        yield compile_expression(unescape(source, _CHARACTERS) if target == "xml" else source, namespaces)
        done = end + 1
    yield text[done:]


def _is_inside_quotes(text: str, is_quoted: bool) -> bool:
    """Return whether the end of `text` lies inside a JSON string, when its beginning did or did not."""
    return is_quoted ^ (len(_QUOTES.findall(text)) % 2 == 1)


_QUOTES = re.compile(r'(?<!\\)(?:\\\\)*"')
