"""Whether what was found is what a case says."""

from decimal import Decimal

from conformance.verdict import Mismatch
from lxml import etree

from micro_integrator.kit import XmlError, parse
from micro_integrator.synapse.formats import standalone


def same(found: object, expected: object) -> bool:
    """Compare by value: numbers whatever their type, XML as trees without white space between elements."""
    if isinstance(found, etree._Element):
        found = etree.tostring(standalone(found), encoding="unicode")
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
    """Compare by an operation of the corpus. Raises Mismatch."""
    if isinstance(expected, dict) and "$json" in expected:
        expected = expected["$json"]
    match operation.removeprefix("not-"):
        case "present":
            holds = found is not None
        case "absent":
            holds = found is None
        case "empty":
            holds = found in (None, "")
        case "equals" | "xml-equals":
            holds = same(found, expected)
        case "contains":
            holds = str(expected) in str(found)
        case unknown:
            raise Mismatch(f"{where}: the runner does not know the comparison '{unknown}'")
    if holds is operation.startswith("not-"):
        raise Mismatch(f"{where}: {found!r} is not {operation} {expected!r}")


def _same_trees(found: str, expected: str) -> bool:
    try:
        return _canonical(found) == _canonical(expected)
    except XmlError:
        return False


def _canonical(text: str) -> bytes:
    return etree.tostring(parse(text, keep_blanks=False), method="c14n", with_comments=False)
