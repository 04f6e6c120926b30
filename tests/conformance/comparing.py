"""Whether what was found is what a case says."""

import json
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from conformance.verdict import Gap, Mismatch
from lxml import etree

from micro_integrator.kit import XmlError, parse
from micro_integrator.synapse.formats import standalone


def same(found: object, expected: object) -> bool:
    """Compare by value: numbers whatever their type, XML as trees without white space between elements."""
    found = _plain(found)
    if isinstance(found, str) and isinstance(expected, str):
        return found == expected or _same_trees(found, expected)
    if isinstance(expected, float | int) and not isinstance(expected, bool):
        return (
            isinstance(found, int | float | Decimal)
            and not isinstance(found, bool)
            and Decimal(str(found)) == Decimal(str(expected))
        )
    return found == expected


def check(operation: str, found: object, expected: object, where: str) -> None:
    """Compare by an operation of the corpus. Raises Mismatch, and Gap for an operation that is not known here."""
    if isinstance(expected, dict) and "$json" in expected:
        expected = expected["$json"]
    is_negated, name = operation.startswith("not-"), operation.removeprefix("not-")
    if name not in _OPERATIONS:
        raise Gap(f"the runner does not know the comparison '{operation}'")
    if _OPERATIONS[name](found, expected) is is_negated:
        raise Mismatch(f"{where}: {found!r} is not {operation} {expected!r}")


def _text(value: object) -> str:
    plain = _plain(value)
    return plain if isinstance(plain, str) else "" if plain is None else str(plain)


def _plain(value: object) -> object:
    if isinstance(value, etree._Element):
        return etree.tostring(standalone(value), encoding="unicode")
    return value


def _ordered(found: object, expected: object, holds: Callable[[Decimal, Decimal], bool]) -> bool:
    try:
        return holds(Decimal(_text(found)), Decimal(_text(expected)))
    except InvalidOperation:
        return False


def _pattern(text: object) -> re.Pattern[str]:
    return re.compile(re.sub(r"\(\?<(?![=!])", "(?P<", str(text)))


def _same_bags(found: object, expected: object) -> bool:
    try:
        return bool(_bag(json.loads(found) if isinstance(found, str) else found) == _bag(expected))
    except ValueError:
        return False


def _bag(value: object) -> object:
    if isinstance(value, dict):
        return {name: _bag(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return sorted(map(_bag, value), key=repr)
    return value if isinstance(value, bool | str) or value is None else Decimal(str(value))


def _includes(found: object, expected: object) -> bool:
    try:
        return _has_counterparts(parse(_text(found)), parse(_text(expected)))
    except XmlError:
        return False


def _has_counterparts(found: etree._Element, expected: etree._Element) -> bool:
    """Whether every element expected has one in `found` of its name, attribute names and text, in any order."""
    if (found.tag, set(found.attrib), _own_text(found)) != (
        expected.tag, set(expected.attrib), _own_text(expected),
    ):  # fmt: skip
        return False
    return all(
        any(_has_counterparts(other, child) for other in found.iterchildren(etree.Element))
        for child in expected.iterchildren(etree.Element)
    )


def _own_text(element: etree._Element) -> str:
    return "".join([element.text or "", *(child.tail or "" for child in element)]).strip()


def _same_trees(found: str, expected: str) -> bool:
    try:
        return _canonical(found) == _canonical(expected)
    except XmlError:
        return False


def _canonical(text: str) -> bytes:
    return etree.tostring(parse(text, keep_blanks=False), method="c14n", with_comments=False)


_OPERATIONS: dict[str, Callable[[object, object], bool]] = {
    "present": lambda found, _: found is not None,
    "absent": lambda found, _: found is None,
    "empty": lambda found, _: found in (None, "", [], {}),
    "equals": same,
    "xml-equals": same,
    "xml-includes": _includes,
    "json-equals-unordered": _same_bags,
    "equals-ignore-case": lambda found, expected: _text(found).lower() == _text(expected).lower(),
    "contains": lambda found, expected: _text(expected) in _text(found),
    "within": lambda found, expected: _text(found) in _text(expected),
    "starts-with": lambda found, expected: _text(found).startswith(_text(expected)),
    "ends-with": lambda found, expected: _text(found).endswith(_text(expected)),
    "matches": lambda found, expected: _pattern(expected).fullmatch(_text(found)) is not None,
    "regex": lambda found, expected: _pattern(expected).search(_text(found)) is not None,
    "lt": lambda found, expected: _ordered(found, expected, Decimal.__lt__),
    "le": lambda found, expected: _ordered(found, expected, Decimal.__le__),
    "gt": lambda found, expected: _ordered(found, expected, Decimal.__gt__),
    "ge": lambda found, expected: _ordered(found, expected, Decimal.__ge__),
}
"""The operations of the corpus, without those that negate one."""
