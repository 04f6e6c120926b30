"""A payload with places in it: cut once, filled for each message in one pass.

Every place is `$n`, an argument, or `${}`, an expression. What is put there depends on three things only: the
target (xml, json or text), the kind of the value, and for json whether the place lies inside quotes. Nothing that was
put in is looked at again, so a `$` in a value stays a `$`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from xml.sax.saxutils import unescape

from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.expressions import Expression, ExpressionError, compile_expression, text_of
from micro_integrator.synapse.expressions.scanning import closing_brace
from micro_integrator.synapse.message import Message, is_yes
from micro_integrator.synapse.payload_values import ENTITIES, inside_quotes, json_text, xml_text
from micro_integrator.synapse.soundness import is_sound_json, sound_xml

Target = Literal["xml", "json", "text"]

QUOTE_BARE_TEXTS = "QUOTE_STRING_IN_PAYLOAD_FACTORY_JSON"

_ARGUMENT = re.compile(r"\$(\d+)")
_CHARACTERS = {entity: character for character, entity in ENTITIES.items()}


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

    @property
    def value(self) -> Callable[[Message], object]:
        """What gives text, a JSON value, an element or a list of elements; an empty text for null."""
        source = self.source
        if isinstance(source, str):
            return lambda message: source
        return (lambda message: source.text(message) or "") if self.gives_text else source.content


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a template."""

    argument: Argument
    is_quoted: bool
    """Whether it lies inside a JSON string, or in an attribute of XML."""


class PayloadTemplate:
    """A format cut into text and places."""

    def __init__(
        self, text: str, target: Target, arguments: Sequence[Argument], namespaces: Mapping[str, str]
    ) -> None:
        """Cut `text`. Raises ExpressionError for a bad `${}`, FormatError for an argument that does not exist."""
        literals, places = _separated(_cut(text, target, arguments, namespaces))
        self.reads_body = any(place.argument.reads_body for place in places)
        """Whether something is taken out of the payload that was there before."""
        self._is_sound = target == "json" and is_sound_json(literals, [place.is_quoted for place in places])
        if target == "xml":
            sound = sound_xml(literals)
            self._is_sound = sound is not None
            # of a format that is not sound nobody knows which places are in attributes, so quotes are escaped in all
            literals, quoted = sound or (literals, [True] * len(places))
            places = [
                Place(place.argument, is_quoted) for place, is_quoted in zip(places, quoted, strict=True)
            ]
        fills = map(_FILLS[target], places)
        self._first, self._others = literals[0], tuple(zip(fills, literals[1:], strict=True))

    def render(self, message: Message) -> tuple[str, bool]:
        """Return the text with every place filled, and whether it is known to be what the target asks for."""
        texts, is_sound = [self._first], self._is_sound
        for fill, literal in self._others:
            filled, is_harmless = fill(message)
            texts += (filled, literal)
            is_sound = is_sound and is_harmless
        return "".join(texts), is_sound


Fill = Callable[[Message], tuple[str, bool]]
"""Gives what stands at a place, and whether it can do no harm in a sound format."""


def _xml_fill(place: Place) -> Fill:
    value, is_attribute = place.argument.value, place.is_quoted
    return lambda message: xml_text(value(message), is_attribute=is_attribute)


def _json_fill(place: Place) -> Fill:
    value, is_quoted = place.argument.value, place.is_quoted
    if is_quoted or place.argument.is_literal:
        return lambda message: (inside_quotes(value(message)), is_quoted)
    return lambda message: json_text(value(message), is_quoting=is_yes(message.default.get(QUOTE_BARE_TEXTS)))


def _plain_fill(place: Place) -> Fill:
    value = place.argument.value
    return lambda message: (text_of(value(message)), True)


_FILLS = {"xml": _xml_fill, "json": _json_fill, "text": _plain_fill}


def _separated(parts: Iterable[str | Place]) -> tuple[list[str], list[Place]]:
    """Return the places, and the text before, between and behind them."""
    literals, places = [""], list[Place]()
    for part in parts:
        if isinstance(part, str):
            literals[-1] += part
        else:
            places.append(part)
            literals.append("")
    return literals, places


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
