"""application/x-www-form-urlencoded: what a form says, and how a payload goes out as one."""

import pytest
from unit.synapse.synapse_lab import markup, xml_body

from micro_integrator.synapse import Body, FormatError, Message, written

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("raw", "fields"),
    [
        ("items%5B%5D=pen&items%5B%5D=ink", '<part name="items[]">pen</part><part name="items[]">ink</part>'),
        ("1=a&a+b=c&=d", '<part name="1">a</part><part name="a b">c</part><part name="">d</part>'),
        ("%7Burn%3Ax%7Da=b", '<part name="{urn:x}a">b</part>'),
        ("a=1&a=2&b=", "<a>1</a><a>2</a><b></b>"),
    ],
)
def test_a_field_may_have_any_name(raw: str, fields: str) -> None:
    seen = Body.of_bytes(raw.encode(), FORM).xml()
    assert seen is not None
    assert markup(seen) == f"<xformValues>{fields}</xformValues>"
    message = Message(xml_body(f"<order>{fields}</order>"))
    message.axis2["messageType"] = FORM
    assert written(message) == (raw.encode(), FORM)


def test_a_form_whose_characters_are_none_is_refused() -> None:
    with pytest.raises(FormatError, match="Invalid form payload"):
        Body.of_bytes(b"a=%ff", FORM).xml()
