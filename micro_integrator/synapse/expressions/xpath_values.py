"""What the result of an XPath is as text and as a condition."""

import math
from decimal import Decimal

from lxml import etree

from micro_integrator.synapse.expressions.values import decimal_text, json_text, text_of, xml_text

XPathValue = bool | float | str | list[etree._Element | str]

_SAFE_INTEGER = 2**53


def string_value(value: object, *, counts_all_nodes: bool) -> str | None:
    """The text of a result; None for a null.

    One single element gives its own text, or its XML if it has none; several nodes give their XML, one after
    another. `counts_all_nodes` (the expression says `node()`) gives the XML of a single element too.
    """
    if value is None:
        return None
    if isinstance(value, etree._Element):
        value = [value]
    if not isinstance(value, list):
        return number_text(value) if isinstance(value, float) else text_of(value)
    if len(value) == 1 and isinstance(value[0], str):
        return value[0]
    if not any(isinstance(node, etree._Element) for node in value):
        return "".join(map(str, value)) if all(isinstance(node, str) for node in value) else json_text(value)
    if len(value) == 1 and not counts_all_nodes and (text := _own_text(value[0])):
        return text
    return "".join(_node_text(node) for node in value)


def _own_text(element: etree._Element) -> str:
    texts = [element.text or "", *(child.tail or "" for child in element)]
    return "".join(texts).replace("\u00a0", " ").strip()


def _node_text(node: object) -> str:
    return xml_text(node).strip() if isinstance(node, etree._Element) else str(node)


def number_text(number: float) -> str:
    """A number as XPath writes it: no `.0`, no exponent."""
    if math.isfinite(number):
        return str(int(number)) if number.is_integer() else format(Decimal(repr(number)), "f")
    return text_of(number)


def truth(value: object) -> bool:
    """XPath `boolean()`: something found, text that is not empty, a number that is not 0."""
    if isinstance(value, bool) or value is None:
        return bool(value)
    if isinstance(value, int | float | Decimal):
        return value == value and value != 0
    if isinstance(value, etree._Element):
        return True
    return len(value) > 0 if isinstance(value, str | list) else True


def to_xpath(value: object) -> XPathValue:
    """A property or variable as libxml2 takes it; null is the empty string."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        # beyond the safe integers a double would lose digits that a string keeps
        return float(value) if abs(value) < _SAFE_INTEGER else str(value)
    if isinstance(value, float):
        return value
    if isinstance(value, Decimal):
        text = decimal_text(value)
        return float(value) if number_text(float(value)) == text else text
    if isinstance(value, etree._Element):
        return [value]
    if isinstance(value, list) and value and all(isinstance(node, etree._Element | str) for node in value):
        return value if any(isinstance(node, etree._Element) for node in value) else json_text(value)
    return text_of(value)


def from_xpath(result: object) -> object:
    """A result of libxml2 as a value of ours: whole numbers as int, nodes as elements and strings."""
    if isinstance(result, float) and result.is_integer() and abs(result) < _SAFE_INTEGER:
        return int(result)
    if isinstance(result, list):
        # a namespace node comes as (prefix, namespace)
        return [node[1] if isinstance(node, tuple) else node for node in result]
    return result


def argument_text(argument: object) -> str:
    """The argument of an extension function, converted as XPath `string()` does."""
    if isinstance(argument, list):
        return _first_text(argument[0]) if argument else ""
    return number_text(argument) if isinstance(argument, float) else text_of(argument)


def _first_text(node: object) -> str:
    return "".join(str(text) for text in node.itertext()) if isinstance(node, etree._Element) else str(node)
