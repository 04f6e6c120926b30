"""Formats that give a good document whatever is put into their places: found out at deployment, not for each message.

For JSON a place is sound inside a string, where values are escaped, or where a whole value may stand. For XML it is
sound in text and in the value of an attribute. What is put there has to be harmless too: see `payload_template`.
"""

from collections.abc import Sequence

from lxml import etree

from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.formats import read_json, read_xml, soap

_FIRST_MARK = 0xE000
MARKS = 6400
"""Characters for private use, which stand for places: names cannot have them, text and attributes can."""


def is_sound_json(literals: Sequence[str], quoted: Sequence[bool]) -> bool:
    """Return whether JSON comes out of `literals` with places between them; `quoted`: those inside a string."""
    # an array is good where any value is, and nowhere else: neither as a key nor beside other characters
    samples = ["x" if is_quoted else "[0]" for is_quoted in quoted]
    try:
        read_json(_woven(literals, samples))
    except FormatError:
        return False
    return True


def sound_xml(literals: Sequence[str]) -> tuple[list[str], list[bool]] | None:
    """Return `literals` as they are written after having been read, and which places are in attributes.

    None when not every place between them is sound, and for an envelope: only what is in it goes out.
    """
    marks = [chr(_FIRST_MARK + number) for number in range(len(literals) - 1)]
    text = _woven(literals, marks)
    if len(marks) > MARKS or text.startswith("<?"):
        return None
    try:
        root = read_xml(text)
    except FormatError:
        return None
    if soap.is_envelope(root) or any(mark in hidden for hidden in _unescaped(root) for mark in marks):
        return None
    pieces, rest = [], etree.tostring(root, encoding="unicode", with_tail=False)
    # one may stand outside of the element, or be a character of the format itself
    if any(rest.count(mark) != 1 for mark in marks):
        return None
    for mark in marks:
        piece, found, rest = rest.partition(mark)
        if not found:  # it changed its place
            return None
        pieces.append(piece)
    attributes = "".join(
        str(value) for element in root.iter(etree.Element) for value in element.attrib.values()
    )
    return [*pieces, rest], [mark in attributes for mark in marks]


def _unescaped(root: etree._Element) -> list[str]:
    """Return all text in which an escaped value can still mean something: comments, instructions, namespaces."""
    asides = [node.text or "" for node in root.iter(etree.Comment, etree.ProcessingInstruction)]
    return [*asides, *(uri for element in root.iter(etree.Element) for uri in element.nsmap.values())]


def _woven(literals: Sequence[str], samples: Sequence[str]) -> str:
    return "".join(a + b for a, b in zip(literals, [*samples, ""], strict=True))
