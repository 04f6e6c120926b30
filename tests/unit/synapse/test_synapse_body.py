"""A payload is read when somebody looks, and goes out as it came when nobody changed it."""

import pytest
from lxml import etree
from unit.synapse.synapse_lab import Pieces, json_body, markup, same_xml, tried, xml_body

from micro_integrator.kit import parse
from micro_integrator.observability import recorded_lines
from micro_integrator.synapse import Body, FormatError, Headers, JsonXmlRules, Message, Surroundings, written
from micro_integrator.synapse.formats import Json, Text, Xml, is_charset, read_json
from micro_integrator.synapse.message.body import MAX_BYTES

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"


def envelope(version: str, payload: str, header: str = "") -> str:
    shown = f"<e:Header>{header}</e:Header>" if header else ""
    return f'<e:Envelope xmlns:e="{version}">{shown}<e:Body>{payload}</e:Body></e:Envelope>'


def text_of(body: Body) -> str:
    element = body.xml()
    return "" if element is None else etree.tostring(element, encoding="unicode")


ROUND_TRIPS = [
    ("application/json", b'{ "a" : 1.0 }'),
    ("application/xml; charset=utf-8", b"<?xml version='1.0'?><a  b = '1' />"),
    ("text/xml", envelope(SOAP11, "<a/>").encode()),
    ("text/plain; charset=iso-8859-1", "ä".encode("latin-1")),
    ("application/x-www-form-urlencoded", b"a=1&b=%C3%A4"),
    ("application/octet-stream", b"\x00\xff"),
    ("image/png", b"\x89PNG"),
]


@pytest.mark.parametrize(("content_type", "raw"), ROUND_TRIPS)
async def test_unchanged_bytes_go_out_as_they_came(content_type: str, raw: bytes) -> None:
    message = Message(Body.of_bytes(raw, content_type))
    message.body.xml()
    message.body.is_json  # noqa: B018 - looking must not change anything
    assert written(message) == (raw, content_type)


def test_nothing_is_parsed_before_somebody_looks() -> None:
    message = Message(json_body("{ this is not JSON"))
    assert written(message) == (b"{ this is not JSON", "application/json")


async def test_log_property_and_filter_leave_the_bytes_alone() -> None:
    text = """<log level="full"/><property name="a" expression="//x"/>
    <filter xpath="json-eval($.x)"><drop/></filter>"""
    body = json_body('{ "x": [1.50] }')
    with recorded_lines():
        trial = await tried(text, body)
    assert written(trial.message)[0] == b'{ "x": [1.50] }'


@pytest.mark.parametrize(
    ("content_type", "raw"),
    [
        ("application/json", b"{"),
        ("application/xml", b"<a>"),
        ("text/xml", b"<!DOCTYPE a><a/>"),
        ("text/plain; charset=utf-8", b"\xff"),
        ("application/xml; charset=utf-16", b"\x00"),
        ("application/x-www-form-urlencoded; charset=utf-8", b"a=%FF"),
    ],
)
def test_a_payload_that_is_not_what_its_type_says_faults_once_and_leaves_nothing(
    content_type: str, raw: bytes
) -> None:
    body = Body.of_bytes(raw, content_type)
    with pytest.raises(FormatError) as caught:
        body.content()
    assert caught.value.code == 601000
    assert body.is_empty
    assert body.xml() is None


VIEWS = [
    ("application/json", b'{"a":1}', "<jsonObject><a>1</a></jsonObject>", '{"a":1}'),
    ("application/xml", b"<a><b>1</b></a>", "<a><b>1</b></a>", '{"a":{"b":1}}'),
    ("text/xml", envelope(SOAP11, "<a>1</a>").encode(), "<a>1</a>", '{"a":1}'),
    ("text/plain", b"hi", '<text xmlns="http://ws.apache.org/commons/ns/payload">hi</text>', '{"text":"hi"}'),
    (
        "application/octet-stream",
        b"hi",
        '<binary xmlns="http://ws.apache.org/commons/ns/payload">aGk=</binary>',
        '{"binary":"aGk="}',
    ),
    (
        "application/x-www-form-urlencoded",
        b"a=1&a=2&b=x+y",
        "<xformValues><a>1</a><a>2</a><b>x y</b></xformValues>",
        '{"xformValues":{"a":[1,2],"b":"x y"}}',
    ),
]


@pytest.mark.parametrize(("content_type", "raw", "as_xml", "as_json"), VIEWS)
def test_a_payload_can_be_seen_as_xml_and_as_json(
    content_type: str, raw: bytes, as_xml: str, as_json: str
) -> None:
    body = Body.of_bytes(raw, content_type)
    assert body.json_text() == as_json
    element = body.xml()
    assert element is not None
    assert same_xml(markup(element), as_xml)


def test_an_empty_body_has_no_payload_in_any_view() -> None:
    for body in (Body(), json_body(" "), xml_body(""), Body.of_bytes(b"", "text/plain")):
        assert body.is_empty
        assert body.xml() is None
        with pytest.raises(FormatError, match="Json Payload is empty"):
            body.json()


def test_a_payload_without_an_envelope_gets_one_when_somebody_asks() -> None:
    body = xml_body("<a/>")
    assert body.envelope().tag == f"{{{SOAP12}}}Envelope"
    assert body.xml() is body.envelope()[0][0]


def test_a_shared_tree_is_copied_before_anybody_sees_it() -> None:
    element = parse("<a><b/></a>")
    one, other = Body.sharing(Xml(element)), Body.sharing(Xml(element))
    assert one.xml() is not other.xml()
    assert element.getparent() is None


def test_a_shared_tree_goes_out_as_plain_xml_without_a_copy() -> None:
    element = parse("<a><b/></a>")
    body = Body.sharing(Xml(element))
    assert body.written("application/xml", "utf-8") == b"<a><b/></a>"
    content = body.content()
    assert isinstance(content, Xml)
    assert content.root is element
    assert element.getparent() is None


def test_shared_json_is_not_copied() -> None:
    content = Json(read_json('{"a":[1]}'))
    assert Body.sharing(content).json() is content.value


async def test_a_stream_is_read_by_the_first_mediator_that_needs_it() -> None:
    body = Body.of_stream(Pieces([b'{"a"', b":1}"]), "application/json")
    trial = await tried('<property name="x" value="1"/>', body)
    assert trial.message.body.is_unread
    trial = await tried('<property name="x" expression="json-eval($.a)"/>', body)
    assert not trial.message.body.is_unread
    assert trial.properties["x"] == "1"


async def test_who_looks_too_early_is_told_and_finds_everything_later() -> None:
    body = Body.of_stream(Pieces([b'{"a"', b":1}"]), "application/json")
    with pytest.raises(FormatError, match="before it had arrived"):
        body.content()
    await body.buffer()
    assert body.json_text() == '{"a":1}'


async def test_a_stream_is_limited() -> None:
    body = Body.of_stream(Pieces([b"x" * 60, b"x" * 60]), "text/plain")
    with pytest.raises(FormatError, match="larger than 100 bytes"):
        await body.buffer(100)
    assert body.is_empty
    assert MAX_BYTES == 10 * 1024 * 1024


async def test_buffering_twice_is_harmless() -> None:
    body = Body.of_stream(Pieces([b"x"]), "text/plain")
    await body.buffer()
    await body.buffer()
    assert body.content() == Text("x")


SENT = [
    ("application/xml", "application/xml; charset=UTF-8", b"<a>1</a>"),
    ("text/xml", "text/xml; charset=UTF-8", envelope(SOAP11, "<a>1</a>").replace("e:", "soapenv:").encode()),
    ("application/json", "application/json; charset=UTF-8", b'{"a":1}'),
    ("text/plain", "text/plain; charset=UTF-8", b"1"),
    ("application/x-www-form-urlencoded", "application/x-www-form-urlencoded", b""),
]


@pytest.mark.parametrize(("media_type", "content_type", "raw"), SENT)
def test_the_message_type_chooses_the_form(media_type: str, content_type: str, raw: bytes) -> None:
    message = Message(Body(Xml(parse("<a>1</a>"))))
    message.properties.scope("axis2")["messageType"] = media_type
    found, announced = written(message)
    assert announced == content_type
    assert found == raw.replace(b"xmlns:e=", b"xmlns:soapenv=")


def test_the_literal_content_type_counts_only_together_with_a_message_type() -> None:
    message = Message(json_body("1"))
    message.properties.scope("axis2")["ContentType"] = "application/x; a=b"
    assert written(message) == (b"1", "application/json")
    message.properties.scope("axis2")["messageType"] = "application/json"
    assert written(message) == (b"1", "application/x; a=b")


@pytest.mark.parametrize("name", ["hex", "base64", "nothing-known", "undefined", "idna", "a\0b"])
def test_a_name_that_text_cannot_be_written_in_is_no_charset(name: str) -> None:
    assert not is_charset(name)
    body = Body.of_bytes(b"6162", f"text/plain; charset={name}")
    assert body.content() == Text("6162")


def test_another_charset_is_used_and_announced() -> None:
    message = Message(Body(Text("ä")))
    message.properties.set("CHARACTER_SET_ENCODING", "ISO-8859-1", "axis2")
    assert written(message) == (b"\xe4", "text/plain; charset=ISO-8859-1")


@pytest.mark.parametrize(
    ("charset", "raw"),
    [
        ("utf_8", "<a>é€</a>".encode()),
        ("latin-1", b"<?xml version='1.0' encoding='latin-1'?>\n<a>\xe9&#8364;</a>"),
        ("cp437", b"<?xml version='1.0' encoding='cp437'?>\n<a>\x82&#8364;</a>"),
    ],
)
def test_a_charset_may_have_a_name_that_only_python_knows(charset: str, raw: bytes) -> None:
    message = Message(xml_body("<a>é€</a>"))
    message.axis2.update(messageType="application/xml", CHARACTER_SET_ENCODING=charset)
    message.body.set_content(Xml(etree.fromstring("<a>é€</a>")))
    assert written(message)[0] == raw


def test_characters_that_a_charset_does_not_have_go_out_in_a_form_as_browsers_send_them() -> None:
    message = Message(xml_body("<a><b>é€</b></a>"))
    message.axis2.update(messageType="application/x-www-form-urlencoded", CHARACTER_SET_ENCODING="ISO-8859-1")
    assert written(message)[0] == b"b=%E9%26%238364%3B"


def test_what_is_written_in_another_form_has_not_the_charset_of_what_came() -> None:
    message = Message(Body.of_bytes("<r>ä</r>".encode("latin-1"), "application/xml; charset=ISO-8859-1"))
    message.properties.set("messageType", "application/json", "axis2")
    assert written(message) == ('{"r":"ä"}'.encode(), "application/json")


def test_plain_xml_that_came_as_text_gets_no_envelope_with_another_charset() -> None:
    message = Message(Body.of_bytes("<r>ä</r>".encode("latin-1"), "text/xml; charset=ISO-8859-1"))
    message.properties.set("messageType", "text/xml", "axis2")
    assert written(message) == ("<r>ä</r>".encode(), "text/xml")


@pytest.mark.parametrize(
    ("chosen", "announced"),
    [
        ("text/plain", "text/plain; charset=ISO-8859-1"),
        ("text/plain; charset=latin1", "text/plain; charset=latin1"),
    ],
)
def test_a_charset_that_is_asked_for_is_announced_beside_a_literal_type(chosen: str, announced: str) -> None:
    message = Message(Body(Text("ä")))
    message.properties.set("messageType", "text/plain", "axis2")
    message.properties.set("ContentType", chosen, "axis2")
    message.properties.set("CHARACTER_SET_ENCODING", "ISO-8859-1", "axis2")
    assert written(message) == (b"\xe4", announced)


def test_the_charset_of_a_literal_type_is_the_one_that_is_written() -> None:
    message = Message(Body(Text("ä")))
    message.properties.set("messageType", "text/plain", "axis2")
    message.properties.set("ContentType", "text/plain; charset=ISO-8859-1", "axis2")
    assert written(message) == (b"\xe4", "text/plain; charset=ISO-8859-1")


def test_an_unknown_message_type_is_told_once_and_the_payload_keeps_its_form() -> None:
    message = Message(Body(Text("x")))
    message.properties.scope("axis2")["messageType"] = "application/vnd.unheard-of"
    with recorded_lines() as told:
        assert written(message)[0] == b"x"
        assert written(message)[0] == b"x"
    assert told.texts() == [
        "No formatter for [application/vnd.unheard-of]; the payload is written in its own form"
    ]


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (Json({"a": 1}), "application/json; charset=UTF-8"),
        (Text("x"), "text/plain; charset=UTF-8"),
        (Xml(parse("<a/>")), "application/soap+xml; charset=UTF-8"),
    ],
)
def test_without_a_message_type_the_payload_decides(content: Json | Text | Xml, content_type: str) -> None:
    assert written(Message(Body(content)))[1] == content_type


def test_plain_xml_travels_without_an_envelope() -> None:
    message = Message(Body(Xml(parse("<a/>"))))
    message.is_plain = True
    assert written(message) == (b"<a/>", "application/xml; charset=UTF-8")
    message.properties.scope("axis2")["messageType"] = "text/xml"
    assert written(message)[0] == b"<a/>"


def test_a_soap_action_is_a_parameter_of_soap_twelve() -> None:
    message = Message(Body(Xml(parse("<a/>"))))
    message.soap_action = "urn:do"
    assert written(message)[1] == 'application/soap+xml; charset=UTF-8; action="urn:do"'


@pytest.mark.parametrize("version", [SOAP11, SOAP12])
@pytest.mark.parametrize("start", [SOAP11, SOAP12])
def test_an_envelope_changes_its_version_and_keeps_its_content(start: str, version: str) -> None:
    body = Body.of_bytes(envelope(start, "<a>1</a>", '<h xmlns="urn:h">2</h>').encode(), "text/xml")
    body.use_soap(version)
    assert body.soap_version == version
    names = [str(part.tag) for part in body.envelope().iter(etree.Element)]
    outer = [f"{{{version}}}{name}" for name in ("Envelope", "Header", "Body")]
    assert names == [outer[0], outer[1], "{urn:h}h", outer[2], "a"]


@pytest.mark.parametrize(
    ("start", "attributes", "expected"),
    [
        (SOAP11, 'mustUnderstand="1" e:actor="urn:next"', 'mustUnderstand="true" soapenv:role="urn:next"'),
        (SOAP12, 'mustUnderstand="true" e:role="urn:next"', 'mustUnderstand="1" soapenv:actor="urn:next"'),
        (SOAP12, 'mustUnderstand="0" e:relay="true"', 'mustUnderstand="0"'),
    ],
)
def test_a_header_block_says_in_the_other_version_what_it_said(
    start: str, attributes: str, expected: str
) -> None:
    text = (
        f'<e:Envelope xmlns:e="{start}"><e:Header><h xmlns="urn:h" e:{attributes} own="1"/></e:Header>'
        "<e:Body/></e:Envelope>"
    )
    body = Body.of_bytes(text.encode(), "text/xml")
    body.use_soap(SOAP12 if start == SOAP11 else SOAP11)
    shown = etree.tostring(body.envelope()[0][0], encoding="unicode")
    assert shown.endswith(f' own="1" soapenv:{expected}/>')


def test_plain_xml_that_becomes_soap_is_not_sent_as_it_came() -> None:
    message = Message(Body.of_bytes(b"<a/>", "text/xml"))
    message.body.use_soap(SOAP11)
    assert b"Envelope" in written(message)[0]


def test_a_header_block_makes_a_soap_message_new() -> None:
    message = Message(Body.of_bytes(envelope(SOAP11, "<a/>").encode(), "text/xml"))
    message.body.add_header_block(parse('<h xmlns="urn:h"/>'))
    assert b"urn:h" in written(message)[0]


def test_a_new_payload_keeps_the_header_blocks_of_the_envelope() -> None:
    body = Body.of_bytes(envelope(SOAP11, "<a/>", '<h xmlns="urn:h"/>').encode(), "text/xml")
    body.envelope()
    body.set_content(Json({"b": 1}))
    assert [str(part.tag) for part in body.envelope()[0]] == ["{urn:h}h"]
    assert body.json_text() == '{"b":1}'
    assert "<b>1</b>" in text_of(body)


def test_headers_are_found_in_any_case_and_keep_their_spelling() -> None:
    headers = Headers([("Content-Type", "a"), ("X-One", "1")])
    headers["content-type"] = "b"
    assert headers["CONTENT-TYPE"] == "b"
    assert "x-one" in headers
    assert list(headers) == ["content-type", "X-One"]
    copied = headers.copy()
    del copied["X-ONE"]
    assert "X-One" in headers


def test_a_message_has_an_id_of_its_own_that_can_be_given() -> None:
    one, other = Message(), Message()
    assert one.id.startswith("urn:uuid:")
    assert one.id == one.id != other.id
    one.id = "urn:mine"
    assert one.id == "urn:mine"


def test_the_format_of_a_message_has_a_name() -> None:
    message = Message(Body.of_bytes(envelope(SOAP11, "<a/>").encode(), "text/xml"))
    assert message.message_format == "soap11"
    assert Message(Body.of_bytes(b"<a/>", "text/xml")).message_format == "pox"
    assert Message().message_format == "soap12"
    message.is_plain = True
    assert message.message_format == "pox"
    message.is_get = True
    assert message.message_format == "get"


def test_a_message_brings_the_rules_of_its_surroundings_to_every_body() -> None:
    message = Message(surroundings=Surroundings(json_xml=JsonXmlRules(auto_primitive=False)))
    message.body = xml_body("<a>1</a>")
    assert message.body.json_text() == '{"a":"1"}'


def test_a_fault_is_recognised() -> None:
    fault = Message(Body.of_bytes(envelope(SOAP12, "<e:Fault/>").encode(), "text/xml"))
    assert fault.is_fault
    assert not Message(json_body("1")).is_fault
