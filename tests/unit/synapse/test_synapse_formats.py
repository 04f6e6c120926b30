"""Which types are read and written as which."""

import pytest

from micro_integrator.synapse.formats import Binary, Json, Xml, decoded, is_known
from micro_integrator.synapse.message import Body, Message, written


@pytest.mark.parametrize(
    "media_type", ["application/problem+json", "application/vnd.orders.v1+json; charset=utf-8"]
)
def test_a_kind_of_json_is_read_as_json(media_type: str) -> None:
    assert decoded(b'{"a": 1}', media_type) == Json({"a": 1}, '{"a": 1}')


def test_a_kind_of_xml_is_read_as_xml() -> None:
    content = decoded(b"<a/>", "application/atom+xml")
    assert isinstance(content, Xml)
    assert content.root.tag == "a"


@pytest.mark.parametrize("media_type", ["application/pdf", "application/vnd.orders+cbor", "json", ""])
def test_any_other_type_is_bytes(media_type: str) -> None:
    assert decoded(b"x", media_type) == Binary(b"x")
    assert not is_known(media_type)


@pytest.mark.parametrize(
    ("charset", "raw"),
    [
        ("ISO-8859-1", rb'{"a":"\u00e9\u20ac\ud83d\ude00"}'),
        ("windows-1252", rb'{"a":"\u00e9\u20ac\ud83d\ude00"}'),
        ("UTF-8", '{"a":"é€😀"}'.encode()),
    ],
)
def test_characters_that_a_charset_does_not_have_are_escaped_in_json(charset: str, raw: bytes) -> None:
    message = Message(Body(Json({"a": "é€😀"})))
    message.axis2.update(messageType="application/json", CHARACTER_SET_ENCODING=charset)
    assert written(message)[0] == raw


def test_half_a_character_of_json_stays_one() -> None:
    message = Message(Body(Json({"a": "\ud800"})))
    assert written(message)[0] == rb'{"a":"\ud800"}'


def test_an_envelope_with_nothing_in_it_is_no_json() -> None:
    envelope = b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body/></e:Envelope>'
    message = Message(Body.of_bytes(envelope, "text/xml"))
    message.axis2["messageType"] = "application/json"
    assert written(message)[0] == b""


def test_a_kind_of_json_is_written_as_json_under_its_own_name() -> None:
    message = Message(Body(Json({"title": "no"})))
    message.axis2["messageType"] = "application/problem+json"
    assert written(message) == (b'{"title":"no"}', "application/problem+json; charset=UTF-8")
