"""Setting things on a message: properties by scope and type, variables, headers."""

import math
from decimal import Decimal
from pathlib import Path

import pytest
from lxml import etree
from unit.synapse.synapse_lab import json_body, markup, tried, xml_body

from micro_integrator.observability import recorded_lines
from micro_integrator.registry import Registry
from micro_integrator.synapse import Headers, Message, Surroundings


def prop(attributes: str, name: str = "p", inside: str = "") -> str:
    return f'<property name="{name}" {attributes}>{inside}</property>'


CONVERSIONS = [
    ("STRING", "x", "x"),
    ("BOOLEAN", "true", True),
    ("BOOLEAN", "Yes", True),
    ("BOOLEAN", "1", True),
    ("BOOLEAN", "on", False),
    ("INTEGER", "3.7", 3),
    ("INTEGER", "-12", -12),
    ("LONG", "9223372036854775807", 2**63 - 1),
    ("SHORT", "32767", 32767),
    ("FLOAT", "1.5", 1.5),
    ("FLOAT", "123.123", 123.123),
    ("FLOAT", "888888.888888", 888888.9),
    ("FLOAT", "16777217", 16777216.0),
    ("FLOAT", "3.4028235e38", 3.4028235e38),
    ("FLOAT", "-1e39", -math.inf),
    ("FLOAT", "0", 0.0),
    ("DOUBLE", "123.456", 123.456),
    ("JSON", '{"a":[1.10]}', {"a": [Decimal("1.10")]}),
    ("JSON", "plain", "plain"),
    ("JSON", "12", 12),
]


@pytest.mark.parametrize(("type_name", "text", "expected"), CONVERSIONS)
@pytest.mark.parametrize("way", ["value", "expression"])
async def test_a_property_has_the_type_asked_for(
    type_name: str, text: str, expected: object, way: str
) -> None:
    shown = text.replace('"', "&quot;")
    given = f'value="{shown}"' if way == "value" else 'expression="$ctx:text"'
    trial = await tried(prop(f'{given} type="{type_name}"'), properties={"text": text})
    found = trial.properties["p"]
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize(
    ("type_name", "text"),
    [
        ("INTEGER", "2147483648"),
        ("SHORT", "40000"),
        ("INTEGER", "x"),
        ("DOUBLE", "x"),
        ("FLOAT", "1_000"),
        ("DOUBLE", "١٢"),
        ("OM", "<a>"),
    ],
)
async def test_a_value_that_does_not_fit_faults(type_name: str, text: str) -> None:
    trial = await tried(prop(f'expression="$ctx:text" type="{type_name}"'), properties={"text": text})
    assert trial.error == (
        f"Unknown type : {type_name} for the property mediator or the property value cannot be converted "
        "into the specified type."
    )


async def test_broken_json_is_told_and_leaves_the_property_as_it_was() -> None:
    with recorded_lines() as told:
        trial = await tried(prop('expression="$ctx:text" type="JSON"'), properties={"text": "{", "p": "old"})
    assert trial.properties["p"] == "old"
    assert any("Invalid JSON" in text for text in told.texts())


async def test_a_document_is_set_by_type_om_and_by_an_element() -> None:
    trial = await tried(
        prop('expression="$body/*" type="OM"', "one") + prop("", "two", '<b xmlns="">c</b>'),
        xml_body("<a>1<x/></a>"),
    )
    one, two = trial.properties["one"], trial.properties["two"]
    assert isinstance(one, etree._Element)
    assert isinstance(two, etree._Element)
    assert [markup(one), markup(two)] == ["<a>1<x></x></a>", "<b>c</b>"]


async def test_each_message_gets_an_element_of_its_own() -> None:
    text = prop("", "p", '<b xmlns="">c</b>')
    one, other = await tried(text), await tried(text)
    assert one.properties["p"] is not other.properties["p"]


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ('pattern="([a-z]+)-([0-9]+)" group="2"', "42"),
        ('pattern="[a-z]+-[0-9]+"', "order-42"),
        ('pattern="order"', ""),
        ('pattern="(x)?.*" group="1"', ""),
    ],
)
async def test_a_pattern_must_match_the_whole_text(attributes: str, expected: str) -> None:
    for given in ('value="order-42"', 'expression="$ctx:text"'):
        trial = await tried(prop(f"{given} {attributes}"), properties={"text": "order-42"})
        assert trial.properties["p"] == expected


@pytest.mark.parametrize("scope", ["default", "axis2", "axis2-client", "operation", "transport"])
async def test_a_property_is_set_and_removed_in_its_scope(scope: str) -> None:
    setting, removing = prop(f'value="v" scope="{scope}"'), prop(f'scope="{scope}" action="remove"')
    set_only = await tried(setting)
    assert set_only.message.properties.get("p", scope) == "v"
    both = await tried(setting + removing + removing)
    assert both.message.properties.get("p", scope) is None


@pytest.mark.parametrize("scope", ["analytics", "trace"])
async def test_scopes_without_effect_are_accepted(scope: str) -> None:
    trial = await tried(prop(f'value="v" scope="{scope}"'))
    assert trial.message.properties.get("p", scope) is None


async def test_a_null_leaves_the_property_as_it_was() -> None:
    trial = await tried(prop('expression="$ctx:nothing"'), properties={"p": "old"})
    assert trial.properties["p"] == "old"


async def test_a_null_header_becomes_an_empty_text() -> None:
    trial = await tried(prop('expression="$ctx:nothing" scope="transport"'))
    assert trial.message.headers["p"] == ""


async def test_a_resource_and_its_properties_can_be_written_and_read(tmp_path: Path) -> None:
    reads = "concat(get-property('registry', 'conf:a'), '|', get-property('registry', 'conf:b@k'))"
    trial = await tried(
        prop('scope="registry" value="content"', "conf:a")
        + prop('scope="registry" value="v"', "conf:b@k")
        + prop(f'expression="{reads}"'),
        surroundings=Surroundings(registry=Registry(tmp_path)),
    )
    assert trial.properties["p"] == "content|v"


@pytest.mark.parametrize("name", ["conf:a", "conf:a@k"])
async def test_a_write_without_a_registry_faults(name: str) -> None:
    trial = await tried(prop('scope="registry" value="v"', name))
    assert f"The registry resource {name} cannot be written" in trial.error


async def test_the_value_of_a_header_goes_before_its_expression() -> None:
    trial = await tried('<header name="p" scope="transport" value="v" expression="\'e\'"/>')
    assert trial.message.headers["p"] == "v"


@pytest.mark.parametrize("encoding", ["UTF-16", "ISO-8859-1", "utf-8", "x-unknown"])
async def test_the_encoding_that_a_text_declares_does_not_count(encoding: str) -> None:
    text = f"&lt;?xml version='1.0' encoding='{encoding}'?>&lt;a>Zürich&lt;/a>"
    trial = await tried(f'<variable name="v" type="XML" value="{text}"/>')
    found = trial.message.variables["v"]
    assert isinstance(found, etree._Element)
    assert found.text == "Zürich"


async def test_the_message_type_is_what_the_headers_say() -> None:
    message = Message()
    message.headers = Headers([("content-type", "text/xml")])
    trial = await tried(prop('value="application/json" scope="axis2"', "messageType"), prepared=message)
    assert trial.message.properties.get("ContentType", "axis2") == "application/json"
    assert trial.message.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [("text/plain; charset=latin1", "latin1"), ("text/plain", "UTF-8"), ('text/plain; Charset="x"', "x")],
)
def test_the_charset_of_a_payload_is_known_until_another_one_is_chosen(
    content_type: str, charset: str
) -> None:
    message = Message()
    assert message.properties.get("CHARACTER_SET_ENCODING", "axis2") is None
    message.axis2["ContentType"] = content_type
    assert message.properties.get("CHARACTER_SET_ENCODING", "axis2") == charset
    message.axis2["CHARACTER_SET_ENCODING"] = "UTF-16"
    assert message.properties.get("CHARACTER_SET_ENCODING", "axis2") == "UTF-16"


@pytest.mark.parametrize("scope", ["default", "axis2"])
async def test_spaces_are_kept_in_json_while_a_property_says_so(scope: str) -> None:
    keep = f'<property name="PRESERVE_SPACES" scope="{scope}" value="true"/>'
    let_go = f'<property name="PRESERVE_SPACES" scope="{scope}" action="remove"/>'
    for mediators, text in ((keep, '{"r":{"a":" "}}'), (keep + let_go, '{"r":{"a":null}}')):
        trial = await tried(mediators, xml_body("<r>\n<a> </a>\n</r>"))
        assert trial.message.body.json_text() == text


async def test_process_properties_are_read_and_written_only_when_that_is_allowed() -> None:
    text = prop('value="v" scope="system"')
    refused = await tried(text)
    assert refused.error.startswith("The system property p cannot be set: ")
    surroundings = Surroundings(may_write_system=True)
    allowed = await tried(text, surroundings=surroundings)
    assert allowed.outcome.state == "completed"
    assert surroundings.system == {"p": "v"}


async def test_environment_and_file_properties_are_readable() -> None:
    surroundings = Surroundings(environ={"HOME": "/h"}, file_properties={"f": "1"})
    text = prop("expression=\"get-property('env','HOME')\"", "a") + prop(
        "expression=\"get-property('file','f')\"", "b"
    )
    trial = await tried(text, surroundings=surroundings)
    assert (trial.properties["a"], trial.properties["b"]) == ("/h", "1")


async def test_a_name_can_be_an_expression_and_an_empty_one_is_told() -> None:
    text = '<property name="{$ctx:which}" value="v"/>'
    trial = await tried(text, properties={"which": "q"})
    assert trial.properties["q"] == "v"
    with recorded_lines() as told:
        await tried(text)
    assert told.texts() == ["Evaluated value for {$ctx:which} is empty"]


async def test_a_property_group_runs_its_properties_in_order() -> None:
    first, second = prop('value="1"', "a"), prop('expression="$ctx:a"', "b")
    trial = await tried(f"<propertyGroup>{first}{second}</propertyGroup>")
    assert (trial.properties["a"], trial.properties["b"]) == ("1", "1")


VARIABLES = [
    ('value="a"', None, "a"),
    ('value="25000" type="INTEGER"', None, 25000),
    ('value="1234561223" type="LONG"', None, 1234561223),
    ('value="1.5" type="DOUBLE"', None, 1.5),
    ('value="true" type="BOOLEAN"', None, True),
    ('value="{&quot;a&quot;:1}" type="JSON"', None, {"a": 1}),
    ('expression="${payload.n}" type="INTEGER"', '{"n":7}', 7),
    ('expression="${payload.n}" type="DOUBLE"', '{"n":7}', 7.0),
    ('expression="${payload.n}" type="STRING"', '{"n":7}', "7"),
    ('expression="${payload.n}"', '{"n":7.50}', Decimal("7.50")),
    ('expression="${payload.o}"', '{"o":{"a":[]}}', {"a": []}),
    ('expression="json-eval($.o)"', '{"o":{"a":[]}}', {"a": []}),
    ('expression="${payload.b}" type="BOOLEAN"', '{"b":false}', False),
]


@pytest.mark.parametrize(("attributes", "body", "expected"), VARIABLES)
async def test_a_variable_keeps_the_type_of_its_value(
    attributes: str, body: str | None, expected: object
) -> None:
    trial = await tried(f'<variable name="v" {attributes}/>', json_body(body) if body else None)
    assert trial.error == ""
    found = trial.message.variables["v"]
    assert found == expected
    assert type(found) is type(expected)


@pytest.mark.parametrize("type_name", ["INTEGER", "LONG", "BOOLEAN", "DOUBLE"])
async def test_a_variable_of_another_type_faults(type_name: str) -> None:
    trial = await tried(
        f'<variable name="v" expression="${{payload.s}}" type="{type_name}"/>', json_body('{"s":"x"}')
    )
    assert trial.error == (
        f"Expression 'payload.s' result does not match the expected data type '{type_name}'"
    ) or trial.error == (
        f"Expression '${{payload.s}}' result does not match the expected data type '{type_name}'"
    )


async def test_a_variable_can_hold_a_document() -> None:
    trial = await tried(
        '<variable name="v" expression="//b" type="XML"/>', xml_body("<a><b>&lt;c/&gt;</b></a>")
    )
    found = trial.message.variables["v"]
    assert isinstance(found, etree._Element)
    assert markup(found) == "<c></c>"


async def test_a_null_and_a_removal_leave_the_variable_unset() -> None:
    text = '<variable name="v" value="a"/><variable name="v" expression="$ctx:none"/>'
    assert "v" not in (await tried(text)).message.variables
    text = '<variable name="v" value="a"/><variable name="v" action="remove"/>'
    assert "v" not in (await tried(text)).message.variables


@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("To", "to"),
        ("From", "from_"),
        ("Action", "action"),
        ("FaultTo", "fault_to"),
        ("ReplyTo", "reply_to"),
        ("RelatesTo", "relates_to"),
    ],
)
async def test_an_address_is_set_and_removed(name: str, attribute: str) -> None:
    setting, removing = f'<header name="{name}" value="x"/>', f'<header name="{name}" action="remove"/>'
    assert getattr((await tried(setting)).message, attribute) == "x"
    assert getattr((await tried(setting + removing)).message, attribute) is None


async def test_blocks_are_added_and_removed_by_name() -> None:
    one = '<header xmlns:p="urn:p" name="p:a" value="1"/>'
    document = '<header xmlns:p="urn:p" name="p:b" type="OM" expression="$ctx:xml"/>'
    inline = '<header><c xmlns="urn:c"/></header>'
    removing = '<header xmlns:q="urn:p" name="q:a" action="remove"/>'
    trial = await tried(
        one + one + document + inline + removing, xml_body("<x/>"), properties={"xml": "<in/>"}
    )
    header = trial.message.body.envelope()[0]
    assert [str(block.tag) for block in header] == ["{urn:p}b", "{urn:c}c"]
    assert [str(part.tag) for part in header[0]] == ["in"]


async def test_blocks_leave_a_json_payload_json() -> None:
    trial = await tried('<header xmlns:p="urn:p" name="p:a" value="1"/>', json_body('{"a": 1}'))
    assert trial.message.body.is_json
    assert trial.message.body.json_text() == '{"a": 1}'


async def test_a_transport_header_is_set_whatever_the_case_of_its_name() -> None:
    text = '<header name="X-A" scope="transport" value="1"/><header name="x-a" scope="transport" value="2"/>'
    trial = await tried(text)
    assert dict(trial.message.headers) == {"x-a": "2"}
    gone = await tried(text + '<header name="X-a" scope="transport" action="remove"/>')
    assert dict(gone.message.headers) == {}


async def test_a_null_header_is_told_and_empty() -> None:
    with recorded_lines() as told:
        trial = await tried('<header name="To" expression="$ctx:none"/>')
    assert trial.message.to == ""
    assert told.texts() == ["The value of header To is null; it is set to an empty text"]


async def test_a_line_break_in_a_transport_header_faults() -> None:
    trial = await tried(
        '<header name="X" scope="transport" expression="$ctx:v"/>', properties={"v": "a\r\nB: c"}
    )
    assert trial.error == "The value of header X has a line break"
