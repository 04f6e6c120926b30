"""Payloads that are not read again after they were made: only those that cannot be anything but good."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from lxml import etree

from micro_integrator.synapse.formats import read_json, read_xml, soap
from micro_integrator.synapse.message import Body, Message
from micro_integrator.synapse.payload_template import Argument, PayloadTemplate, Target

XML_TEXT = some.text(some.characters(codec="utf-8"))


def rendered(text: str, target: Target, *values: str) -> tuple[str, bool]:
    return PayloadTemplate(text, target, [Argument(value) for value in values], {}).render(Message(Body()))


@pytest.mark.parametrize(
    ("text", "is_sound"),
    [
        ('{"a": "$1", "b": [$2]}', True),
        ('"$1 $2"', True),
        ("[$1, $2]", True),
        ("{$1: 2}", False),
        ("$1$2", False),
        ("-$1", False),
        ('{"a": 1$1}', False),
        (r'{"a": "\u00$1"}', False),
        (r'{"a": "\$1"}', False),
        (r'{"a": "\\$1"}', True),
        ('{"a": $1', False),
    ],
)
def test_json_is_sound_where_places_are_whole_values_or_inside_texts(text: str, is_sound: bool) -> None:
    assert rendered(text, "json", "7", "8")[1] is is_sound


@pytest.mark.parametrize("value", ["7", "-0.5e3", "true", "null"])
def test_bare_numbers_and_words_are_sound_json(value: str) -> None:
    assert rendered('{"a": $1}', "json", value) == (f'{{"a": {value}}}', True)


@pytest.mark.parametrize("value", ["", "seven", "07", "1 2", "[1]", '{"b": 1}', "<b>1</b>"])
def test_other_bare_texts_are_looked_at(value: str) -> None:
    assert not rendered('{"a": $1}', "json", value)[1]


@given(some.text(), some.text())
def test_sound_json_can_be_read_and_says_what_was_put_in(inside: str, bare: str) -> None:
    text, is_sound = rendered('{"a": "-$1-", "b": $2}', "json", inside, bare)
    if is_sound:
        found: Any = read_json(text)
        assert found["a"] == f"-{inside}-"
        assert found["b"] == json.loads(bare)


@pytest.mark.parametrize(
    ("text", "is_sound"),
    [
        ('<a b="$1">$2</a>', True),
        ("<a><b>$1</b><![CDATA[$2]]></a>", True),
        ("<a><$1/></a>", False),
        ("<a $1='x'/>", False),
        ("<a><!-- $1 --></a>", False),
        ("<a><?p $1?></a>", False),
        ("<a xmlns:p='$1'/>", False),
        ('<?xml version="1.0" encoding="UTF-16"?><a>$1</a>', False),
        ("<a/><!-- $1 -->", False),
        ("<a>&#xe000;$1</a>", False),
        ("<a>\ue000$1</a>", False),
        ("$1", False),
        ("<a>$1", False),
        (f'<Envelope xmlns="{soap.SOAP11}"><Body><a>$1</a></Body></Envelope>', False),
    ],
)
def test_xml_is_sound_where_places_are_in_texts_and_attributes(text: str, is_sound: bool) -> None:
    assert rendered(text, "xml", "x", "y")[1] is is_sound


@given(XML_TEXT, XML_TEXT)
def test_sound_xml_can_be_read_and_says_what_was_put_in(inside: str, attribute: str) -> None:
    text, is_sound = rendered('<a xmlns=""><b c="$2">-$1-</b></a>', "xml", inside, attribute)
    if is_sound:
        found = read_xml(text)
        assert found.findtext("b") == f"-{inside}-"
        assert found.xpath("string(b/@c)") == attribute.translate(
            {9: " ", 10: " "}
        )  # as XML reads attributes


@given(XML_TEXT, XML_TEXT)
def test_sound_xml_is_what_would_be_written_after_reading_it(inside: str, attribute: str) -> None:
    text, is_sound = rendered('<a xmlns=""><b c="$2">$1</b><d></d></a>', "xml", inside, attribute)
    if is_sound:
        assert etree.tostring(read_xml(text), encoding="unicode") == text


@pytest.mark.parametrize("value", ["", "a\x00", "a\rb", "a\ufffe", "\ud800", "<b/>"])
def test_what_xml_would_not_take_as_text_is_looked_at(value: str) -> None:
    assert not rendered("<a>$1</a>", "xml", value)[1]


def test_no_value_can_leave_an_attribute_of_a_format_that_is_not_sound() -> None:
    text, is_sound = rendered("<a b='$1'><!-- $2 --></a>", "xml", "x' c='y", "z")
    assert not is_sound
    assert read_xml(text).get("b") == "x' c='y"


def test_bytes_that_are_set_are_read_when_somebody_asks() -> None:
    body = Body()
    body.set_bytes(b'{"a": 1}', "application/json")
    assert body.received == b'{"a": 1}'
    assert body.json() == {"a": 1}


def test_header_blocks_of_an_envelope_stay_around_bytes_that_are_set() -> None:
    body = Body()
    body.add_header_block(etree.fromstring("<token/>"))
    body.set_bytes(b"<order/>", "application/xml")
    assert [etree.QName(part).localname for part in body.envelope().iter()] == [
        "Envelope", "Header", "token", "Body", "order",
    ]  # fmt: skip
