"""The lines of <log>, to the letter: users search for them."""

import re

import pytest
from unit.synapse.synapse_lab import Trial, engine_with, json_body, sequence, tried, xml_body

from micro_integrator.observability import level_number, recorded_lines
from micro_integrator.synapse import Body, Entry, Headers, Message, Surroundings

ID = "urn:uuid:00000000-0000-4000-8000-000000000001"
ENVELOPE = (
    '<soapenv:Envelope xmlns:soapenv="http://www.w3.org/2003/05/soap-envelope">'
    "<soapenv:Body><a>1</a></soapenv:Body></soapenv:Envelope>"
)


def addressed() -> Message:
    message = Message()
    message.id = ID
    return message


async def lines_of(log: str, body: Body | None = None, **kept: object) -> list[str]:
    with recorded_lines() as told:
        await tried(log, body, prepared=addressed(), properties=kept)
    return told.texts()


GOLDEN = [
    ("<log/>", [f"To: , MessageID: {ID}, Direction: request"]),
    (
        '<log separator=" | "><property name="step" value="1"/></log>',
        [f"To:  | MessageID: {ID} | Direction: request | step = 1"],
    ),
    ('<log level="full"/>', [f"To: , MessageID: {ID}, Direction: request, Envelope: {ENVELOPE}"]),
    (
        '<log level="full"><property name="a" value="b"/></log>',
        [f"To: , MessageID: {ID}, Direction: request, a = b, Envelope: {ENVELOPE}"],
    ),
    (
        '<log logFullPayload="true" level="custom"/>',
        [f"To: , MessageID: {ID}, Direction: request, Envelope: {ENVELOPE}"],
    ),
    ('<log level="custom"/>', [""]),
    (
        '<log level="custom" separator="\\n"><property name="a" value="b"/><property name="c" value="d"/></log>',
        ["a = b\nc = d"],
    ),
    (
        '<log level="custom" separator=""><property name="a" value="b"/><property name="c" value="d"/></log>',
        ["a = bc = d"],
    ),
    ('<log level="custom"><property name="a" expression="$ctx:nothing"/></log>', ["a = null"]),
    ('<log level="custom"><property name="a"><b xmlns="">c</b></property></log>', ["a = <b>c</b>"]),
    (
        '<log level="custom" logMessageID="true"><property name="a" value="b"/></log>',
        [f"MessageID: {ID}, a = b"],
    ),
    ("<log><message>plain\\ttext</message></log>", ["plain\ttext"]),
    ('<log><message>a</message><property name="b" value="c"/></log>', ["a, b = c"]),
    ('<log level="simple"><message>a</message></log>', [f"a, To: , MessageID: {ID}, Direction: request"]),
    ('<log logMessageID="true"><message>a</message></log>', [f"MessageID: {ID}, a"]),
    ("<log><message>id ${props.synapse.known}!</message></log>", ["id yes!"]),
]


@pytest.mark.parametrize(("log", "expected"), GOLDEN)
async def test_a_line_has_the_text_users_search_for(log: str, expected: list[str]) -> None:
    assert await lines_of(log, xml_body("<a>1</a>"), known="yes") == expected


async def test_a_json_payload_is_written_as_it_came() -> None:
    [line] = await lines_of('<log level="full"/>', json_body('{"a": 1.0}'))
    assert line == f'To: , MessageID: {ID}, Direction: request, Payload: {{"a": 1.0}}'


async def test_addresses_and_the_correlation_id_are_written_when_they_are_there() -> None:
    setting = """
    <header name="To" value="http://to"/><header name="From" value="from"/><header name="Action" value="act"/>
    <header name="ReplyTo" value="reply"/><property name="correlation_id" scope="axis2" value="c1"/>"""
    [line] = await lines_of(f"{setting}<log/>")
    assert line == (
        f"To: http://to, From: from, WSAction: act, ReplyTo: reply, MessageID: {ID}, "
        "correlation_id: c1, Direction: request"
    )


async def test_level_headers_writes_the_blocks_of_the_envelope() -> None:
    text = """
    <header xmlns:p="urn:p" name="p:one" value="1"/><header xmlns:p="urn:p" name="p:two" value="2"/>
    <property name="correlation_id" scope="axis2" value="c1"/>
    <log level="headers"><property name="a" value="b"/></log>"""
    assert await lines_of(text) == [" correlation_id : c1, one : 1, two : 2, a = b"]


async def test_a_line_begins_with_the_artifact_that_took_the_message_in() -> None:
    engine = engine_with(sequence('<log level="custom"><property name="a" value="b"/></log>'))
    with recorded_lines() as told:
        await engine.inject(Entry("tried", label="proxy:Quote"), engine.message())
    assert told.texts() == ["{proxy:Quote} a = b"]


async def test_records_carry_the_mediator_and_the_message() -> None:
    text = """
    <property name="correlation_id" scope="axis2" value="c1"/>
    <filter xpath="true()"><then><log/></then></filter>"""
    with recorded_lines() as told:
        await tried(text, prepared=addressed())
    [record] = told.records
    fields = record.fields
    assert (fields["mediator"], fields["message_id"], fields["correlation_id"]) == (
        "sequence:tried/2/then/1",
        ID,
        "c1",
    )
    assert record.names.short == "LogMediator"


async def test_an_expression_that_fails_says_where_it_stands() -> None:
    with recorded_lines() as told:
        await tried('<log><message>${vars.gone}</message></log><log level="custom"/>')
    expected = (
        "Error evaluating expression: vars.gone cause : Variable gone is not defined (at sequence:tried/1)"
    )
    assert told.texts()[0] == expected


@pytest.mark.parametrize(
    ("category", "level"),
    [("INFO", "INFO"), ("warn", "WARN"), (" Error ", "ERROR"), ("FATAL", "FATAL")],
)
async def test_a_category_is_the_level_of_the_line(category: str, level: str) -> None:
    with recorded_lines() as told:
        await tried(f'<log category="{category}"/>')
    assert [record.level for record in told.records] == [level_number(level)]


async def test_a_payload_that_cannot_be_read_faults_and_leaves_an_empty_body() -> None:
    with recorded_lines():
        trial = await tried('<log level="full"/>', json_body("{"))
    assert trial.error.startswith("Could not build full log message: Invalid JSON payload: ")
    assert trial.properties["ERROR_CODE"] == 601000
    assert trial.message.body.is_empty


async def test_secrets_are_masked_and_long_lines_are_cut() -> None:
    surroundings = Surroundings(masks=(re.compile(r"(?<=token=)\w+"),), max_log_line=40)
    with recorded_lines() as told:
        await tried(f"<log><message>token=abc {'ä' * 30}</message></log>", surroundings=surroundings)
    assert told.texts() == [f"token=***** {'ä' * 14}… (32 bytes more)"]


@pytest.mark.parametrize(
    ("payload", "shown"),
    [
        (
            '{"password": "a\\"b", "Access_Token":"x", "n": 1}',
            '{"password": "*****", "Access_Token":"*****", "n": 1}',
        ),
        ('{"api_key": 12, "tokens": 3, "secret": {}}', '{"api_key": "*****", "tokens": 3, "secret": {}}'),
        (
            '<o secret="1" at="2"><w:Password xmlns:w="urn:w" Type="t">pw</w:Password><token/><tokens>3</tokens></o>',
            '<o secret="*****" at="2"><w:Password xmlns:w="urn:w" Type="t">*****</w:Password><token/>'
            "<tokens>3</tokens></o>",
        ),
    ],
)
async def test_secrets_of_a_payload_are_masked_whatever_the_settings_say(payload: str, shown: str) -> None:
    body = json_body(payload) if payload.startswith("{") else xml_body(payload)
    with recorded_lines() as told:
        await tried('<log level="full"/>', body)
    assert shown in told.texts()[0]


async def test_a_secret_at_which_a_line_ends_is_masked_too() -> None:
    body = json_body('{"token": "' + "s" * 100 + '"}')
    with recorded_lines() as told:
        await tried('<log level="full"/>', body, surroundings=Surroundings(max_log_line=150))
    assert "sss" not in told.texts()[0]
    assert 'Payload: {"token": "*****"… (' in told.texts()[0]


async def test_a_simple_line_leaves_the_payload_unread() -> None:
    body = json_body("{")
    trial: Trial = await tried("<log/>", body)
    assert trial.outcome.state == "completed"


async def test_headers_of_the_transport_are_not_written() -> None:
    prepared = addressed()
    prepared.headers = Headers([("Authorization", "secret")])
    with recorded_lines() as told:
        await tried('<log level="full"/><log level="headers"/>', xml_body("<a/>"), prepared=prepared)
    assert all("secret" not in text for text in told.texts())
