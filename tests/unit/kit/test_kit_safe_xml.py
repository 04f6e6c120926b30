"""What is said of XML that is not accepted: one line, without advice that only programmers can follow."""

import pytest

from micro_integrator.kit import XmlError, parse

LONG = "x" * 10_000_001


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<a>\0</a>", "Invalid character: Char 0x0 out of allowed range"),
        ("<a><![CDATA[never ends</a>", "CData section not finished"),
        (f"<a>{LONG}</a>", "one text or attribute is longer than 10 MB"),
        (f"<a b='{LONG}'/>", "one text or attribute is longer than 10 MB"),
        (f"<a><![CDATA[{LONG}]]></a>", "one text or attribute is longer than 10 MB"),
    ],
    ids=["nul", "open cdata", "text", "attribute", "cdata"],
)
def test_a_reason_is_one_line_for_those_who_write_documents(content: str, reason: str) -> None:
    with pytest.raises(XmlError) as caught:
        parse(content)
    assert caught.value.reason == reason
    assert caught.value.line == 1
