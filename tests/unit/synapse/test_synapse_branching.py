"""Which mediators run: filter, switch, sequences, drop and respond."""

import pytest
from unit.synapse.synapse_lab import Answers, json_body, sequence, tried, xml_body

from micro_integrator.observability import recorded_lines
from micro_integrator.synapse import Body

THEN, ELSE = '<property name="ran" value="then"/>', '<property name="ran" value="else"/>'

CONDITIONS = [
    ('xpath="//a"', "<r><a/></r>", True),
    ('xpath="//b"', "<r><a/></r>", False),
    ('xpath="//a = 1"', "<r><a>1</a></r>", True),
    ('xpath="string(//a)"', "<r><a>false</a></r>", True),  # a text that is not empty is true in XPath
    ('xpath="string(//b)"', "<r/>", False),
    ('xpath="$ctx:no"', "<r/>", False),
    ('xpath="json-eval($.yes)"', '{"yes":true}', True),
    ('xpath="json-eval($.no)"', '{"no":"maybe"}', False),
    ('xpath="${payload.n > 1}"', '{"n":2}', True),
    ('xpath="${payload.n > 1}"', '{"n":1}', False),
    ('xpath="${payload.missing}"', "{}", False),
    ('source="//a" regex="1.*"', "<r><a>12</a></r>", True),
    ('source="//a" regex="1"', "<r><a>12</a></r>", False),
    ('source="$ctx:no" regex=".*"', "<r/>", False),
]


@pytest.mark.parametrize(("condition", "payload", "holds"), CONDITIONS)
async def test_a_filter_chooses_a_side(condition: str, payload: str, holds: bool) -> None:
    body = xml_body(payload) if payload.startswith("<") else json_body(payload)
    with recorded_lines():
        trial = await tried(f"<filter {condition}><then>{THEN}</then><else>{ELSE}</else></filter>", body)
    assert trial.properties["ran"] == ("then" if holds else "else")


async def test_mediators_directly_in_a_filter_are_its_then() -> None:
    trial = await tried(f'<filter xpath="true()">{THEN}</filter><filter xpath="false()">{ELSE}</filter>')
    assert trial.properties["ran"] == "then"


async def test_a_side_can_be_a_named_sequence() -> None:
    text = '<filter xpath="true()"><then sequence="other"/></filter>'
    trial = await tried(text, others=[sequence(THEN, "other")])
    assert trial.properties["ran"] == "then"


@pytest.mark.parametrize(("condition", "side"), [("true()", "then"), ("false()", "else")])
async def test_a_side_whose_sequence_is_missing_faults(condition: str, side: str) -> None:
    text = f'<filter xpath="{condition}"><then sequence="x"/><else sequence="x"/></filter>'
    trial = await tried(text)
    assert trial.error == f"Couldn't find the referred {side} sequence with key : x"


SWITCH = """<switch source="$ctx:v">
  <case regex="a"><property name="ran" value="first"/></case>
  <case regex="a.*"><property name="ran" value="second"/></case>
  <default><property name="ran" value="default"/></default>
</switch>"""


@pytest.mark.parametrize(
    ("value", "ran"), [("a", "first"), ("ab", "second"), ("ba", "default"), ("", "default")]
)
async def test_a_switch_runs_the_first_case_that_matches_the_whole_value(value: str, ran: str) -> None:
    trial = await tried(SWITCH, properties={"v": value})
    assert trial.properties["ran"] == ran


async def test_a_null_goes_to_the_default_with_a_warning() -> None:
    with recorded_lines() as told:
        trial = await tried(SWITCH)
    assert trial.properties["ran"] == "default"
    assert told.texts() == [
        "Provided character sequence for switch case condition is 'null'. Switch case will not be executed."
    ]


async def test_a_switch_without_a_hit_goes_on() -> None:
    trial = await tried(
        '<switch source="$ctx:v"><case regex="a"><drop/></case></switch>' + THEN, properties={"v": "b"}
    )
    assert trial.properties["ran"] == "then"


STOPPING = [
    "<drop/>",
    '<filter xpath="true()"><then><drop/></then></filter>',
    '<switch source="$ctx:v"><case regex="a"><drop/></case></switch>',
    '<sequence key="stops"/>',
]


@pytest.mark.parametrize("stopping", STOPPING)
async def test_a_drop_stops_every_list_around_it(stopping: str) -> None:
    trial = await tried(stopping + THEN, others=[sequence("<drop/>", "stops")], properties={"v": "a"})
    assert "ran" not in trial.properties
    assert trial.outcome.state == "completed"


async def test_a_sequence_is_found_by_a_static_or_a_dynamic_key() -> None:
    others = [sequence(THEN, "one"), sequence(ELSE, "two")]
    assert (await tried('<sequence key="one"/>', others=others)).properties["ran"] == "then"
    dynamic = await tried('<sequence key="{$ctx:which}"/>', others=others, properties={"which": "two"})
    assert dynamic.properties["ran"] == "else"


async def test_a_missing_sequence_faults_by_its_name() -> None:
    assert (await tried('<sequence key="x"/>')).error == "Sequence named x cannot be found"


async def test_a_sequence_that_runs_itself_faults() -> None:
    trial = await tried('<sequence key="tried"/>')
    assert trial.error == "Sequence tried runs inside itself: more than 256 sequences deep"


async def test_a_circle_through_deep_branches_faults_too() -> None:
    depth = 40
    deep = '<filter xpath="true()">' * depth + '<sequence key="tried"/>' + "</filter>" * depth
    trial = await tried(deep)
    assert trial.outcome.state == "faulted"
    assert "deep" in str(trial.properties["ERROR_MESSAGE"])


async def test_respond_without_anybody_waiting_warns_and_ends() -> None:
    with recorded_lines() as told:
        trial = await tried("<respond/>" + THEN)
    assert trial.outcome.state == "completed"
    assert "ran" not in trial.properties
    assert told.texts() == [f"Nobody waits for an answer to message {trial.message.id}: <respond> ends it"]


async def test_respond_answers_with_the_unchanged_bytes() -> None:
    answers = Answers()
    status = '<property name="HTTP_SC" scope="axis2" value="201"/>'
    await tried(status + "<respond/>", json_body('{ "a": 1.0 }'), reply=answers)
    assert answers.given == [(201, {"Content-Type": "application/json"}, b'{ "a": 1.0 }')]


async def test_respond_with_a_soap_fault_is_an_error() -> None:
    soap = "http://www.w3.org/2003/05/soap-envelope"
    fault = f'<e:Envelope xmlns:e="{soap}"><e:Body><e:Fault/></e:Body></e:Envelope>'
    answers = Answers()
    await tried("<respond/>", Body.of_bytes(fault.encode(), "application/soap+xml"), reply=answers)
    assert [status for status, _, _ in answers.given] == [500]
