"""application/x-www-form-urlencoded: fields as children of one element.

    <xformValues>
        <customer>Ada</customer>
        <part name="items[]">pen</part>
    </xformValues>

A name that no element can have stands in the attribute `name` of <part>.
"""

from urllib.parse import parse_qsl, urlencode

from lxml import etree

from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.formats.content import Xml
from micro_integrator.synapse.formats.field import UNNAMED, add_field
from micro_integrator.synapse.formats.views import Views

ROOT = "xformValues"


def decode(raw: bytes, charset: str) -> Xml | None:
    """Read `name=value&...`; a repeated name becomes a repeated element."""
    if not raw:
        return None
    root = etree.Element(ROOT)
    try:
        fields = parse_qsl(raw.decode("latin-1"), keep_blank_values=True, encoding=charset, errors="strict")
        for name, value in fields:
            add_field(root, name).text = value
    except ValueError as error:
        raise FormatError(f"Invalid form payload: {error}") from error
    return Xml(root)


def encode(views: Views, charset: str) -> bytes:
    """Write one field for each child of the payload element."""
    return urlencoded(views.xml(), charset).encode("ascii")


def urlencoded(payload: etree._Element | None, charset: str = "utf-8") -> str:
    """Return `name=value&...`, a field for each child of the payload; empty without a payload."""
    children = () if payload is None else payload.iterchildren(etree.Element)
    fields = [(_name_of(child), "".join(map(str, child.itertext()))) for child in children]
    return urlencode(fields, encoding=charset, errors="xmlcharrefreplace")  # as browsers do


def _name_of(element: etree._Element) -> str:
    name = etree.QName(element).localname
    return element.get("name", name) if name == UNNAMED else name
