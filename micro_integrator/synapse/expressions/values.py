"""How values look as text: JSON, numbers the way users of the JVM know them, and XML."""

import copy
import json
import math
import re
from collections.abc import Mapping
from decimal import Decimal

from lxml import etree

from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.expressions.errors import EvaluationError
from micro_integrator.synapse.formats import read_json

NUMBER = re.compile(r"\d{1,1000}(?:\.\d{1,1000})?(?:[eE][+-]?\d{1,9})?")
"""An unsigned number; text with more digits is none: nobody means it, and to calculate with it takes too long."""


def json_text(value: object) -> str:
    """Compact JSON; numbers keep their digits, XML becomes a string."""
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_quoted(str(key))}:{json_text(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(json_text, value)) + "]"
    if value is None:
        return "null"
    if isinstance(value, bool | int | float | Decimal):
        return text_of(value)
    return _quoted(text_of(value))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def parse_json(text: str) -> object:
    """Read JSON with exact numbers. Raises EvaluationError."""
    try:
        return read_json(text)
    except FormatError as error:
        raise EvaluationError(f"not JSON: {error}") from error


def text_of(value: object) -> str:
    """The text of any value: strings as they are, null as nothing, objects and arrays as JSON, XML as XML."""
    if isinstance(value, str):
        return str(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return double_text(value)
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, etree._Element):
        return xml_text(value)
    if isinstance(value, list) and any(isinstance(item, etree._Element) for item in value):
        return "".join(map(text_of, value))
    return json_text(value) if isinstance(value, Mapping | list | tuple) else str(value)


def double_text(value: float) -> str:
    """A double as Java prints it: `9.0`, `1.0E10`, `NaN`, `-Infinity`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return format(Decimal(repr(value)), "f")
    sign, digits, exponent = Decimal(repr(value)).as_tuple()
    shown = "".join(map(str, digits)).rstrip("0") or "0"
    power = int(exponent) + len(digits) - 1
    return f"{'-' if sign else ''}{shown[0]}.{shown[1:] or '0'}E{power}"


def decimal_text(value: Decimal) -> str:
    """An exact number in plain digits, unless it is so small or large that nobody writes it like that."""
    _, _, exponent = value.as_tuple()
    plain = isinstance(exponent, int) and -40 <= exponent <= 0
    return format(value, "f") if plain else str(value)


def xml_text(element: etree._Element) -> str:
    """The element as XML, with the namespaces it needs and none of those it merely stands under."""
    alone = copy.deepcopy(element)
    alone.tail = None
    return etree.tostring(alone, encoding="unicode")
