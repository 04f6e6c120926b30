"""What happens after an error: who handles it, what the handler sees, and what is said of it."""

import asyncio
from typing import Self

import pytest
from unit.synapse.synapse_lab import engine_with, fire, json_body, sequence, tried

from micro_integrator.observability import recorded_lines
from micro_integrator.synapse import (
    Entry,
    Flow,
    LeaseLost,
    MediationError,
    Mediator,
    Message,
    XmlReader,
    mediator,
)
from micro_integrator.synapse.places import Places

HANDLED = '<property name="handled" expression="fn:concat($ctx:handled, \'{}\')"/>'
FAILS = '<sequence key="nowhere"/>'


def handler(name: str, more: str = "") -> str:
    return sequence(HANDLED.format(name) + more, name)


@mediator("test-breaks")
class Breaks(Mediator):
    """Fails in ways no mediator should."""

    text: str

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        return cls(x.attribute("text") or "")

    async def mediate(self, message: Message, flow: Flow) -> bool:
        await asyncio.sleep(0)  # so that a circle can be interrupted
        raise ZeroDivisionError(self.text)


@mediator("test-sends")
class Sends(Mediator):
    """Does something irreversible, after asking."""

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        return cls()

    async def mediate(self, message: Message, flow: Flow) -> bool:
        flow.check_lease(message)
        message.properties.set("sent", True)
        return True


@mediator("test-waits")
class Waits(Mediator):
    """Never ends by itself."""

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        return cls()

    async def mediate(self, message: Message, flow: Flow) -> bool:
        await asyncio.Event().wait()
        return True


async def test_without_a_handler_of_its_own_a_fault_comes_down_to_the_shipped_sequence() -> None:
    with recorded_lines() as told:
        trial = await tried(FAILS)
    assert trial.outcome.state == "faulted"
    assert trial.error == "Sequence named nowhere cannot be found"
    assert told.texts()[:2] == [
        "Sequence named nowhere cannot be found (at sequence:tried/1)",
        "Executing fault handler due to exception encountered",
    ]
    assert (
        "MESSAGE = Executing default 'fault' sequence, ERROR_CODE = 0, ERROR_MESSAGE = Sequence named"
        in told.texts()[2]
    )
    assert len(told.records) == 3


async def test_a_deployed_fault_sequence_replaces_the_shipped_one_and_still_means_faulted() -> None:
    trial = await tried(FAILS, others=[handler("fault")])
    assert (trial.properties["handled"], trial.outcome.state) == ("fault", "faulted")


async def test_the_sequence_named_by_on_error_handles_the_fault_and_the_message_is_completed() -> None:
    inner = sequence(FAILS, "inner", 'onError="mine"')
    trial = await tried(
        '<sequence key="inner"/><property name="went_on" value="x"/>', others=[inner, handler("mine")]
    )
    assert (trial.properties["handled"], trial.outcome.state) == ("mine", "completed")
    assert "went_on" not in trial.properties


async def test_a_handler_is_taken_off_when_its_sequence_has_ended() -> None:
    inner = sequence("", "inner", 'onError="mine"')
    trial = await tried('<sequence key="inner"/>' + FAILS, others=[inner, handler("mine"), handler("fault")])
    assert trial.properties["handled"] == "fault"


async def test_a_handler_that_fails_hands_over_to_the_next_one_below() -> None:
    inner = sequence(FAILS, "inner", 'onError="broken"')
    outer = sequence('<sequence key="inner"/>', "outer", 'onError="mine"')
    trial = await tried(
        '<sequence key="outer"/>', others=[inner, outer, handler("broken", "<test-breaks/>"), handler("mine")]
    )
    assert (trial.properties["handled"], trial.outcome.state) == ("brokenmine", "completed")
    assert trial.properties["ERROR_MESSAGE"] == "ZeroDivisionError"
    assert trial.properties["ERROR_HISTORY"] == [
        {"code": 0, "message": "Sequence named nowhere cannot be found", "mediator": "sequence:inner/1"}
    ]


def broken(name: str, on_error: str) -> str:
    return sequence(HANDLED.format(name) + "<test-breaks/>", name, f'onError="{on_error}"')


@pytest.mark.parametrize(
    ("handlers", "handled"),
    [
        ([broken("a", "a")], "a"),
        ([broken("a", "b"), broken("b", "a")], "ab"),
        ([broken("a", "b"), broken("b", "c"), broken("c", "b")], "abc"),
        ([sequence('<sequence key="b"/>', "a"), broken("b", "a")], "b"),
    ],
    ids=["itself", "each other", "behind another one", "within"],
)
async def test_handlers_that_name_each_other_do_not_fail_in_turns_for_ever(
    handlers: list[str], handled: str
) -> None:
    inner = sequence(FAILS, "inner", 'onError="a"')
    async with asyncio.timeout(5):
        trial = await tried('<sequence key="inner"/>', others=[inner, *handlers, handler("fault")])
    assert (trial.properties["handled"], trial.outcome.state) == (f"{handled}fault", "faulted")


async def test_a_default_sequence_that_handles_itself_ends_too() -> None:
    async with asyncio.timeout(5):
        trial = await tried(FAILS, others=[broken("fault", "fault")])
    assert (trial.properties["handled"], trial.outcome.state) == ("fault", "faulted")


async def test_when_every_handler_fails_the_message_is_given_up() -> None:
    with recorded_lines() as told:
        trial = await tried(FAILS, others=[handler("fault", FAILS)])
    assert trial.outcome.state == "faulted"
    assert told.texts()[-1] == "Exception encountered but no fault handler found - message dropped"


async def test_on_error_that_is_missing_is_told_and_the_default_handles() -> None:
    inner = sequence(FAILS, "inner", 'onError="gone"')
    with recorded_lines() as told:
        trial = await tried('<sequence key="inner"/>', others=[inner, handler("fault")])
    assert trial.properties["handled"] == "fault"
    assert told.texts()[0] == "onError handler : gone for sequence : inner cannot be found"


async def test_a_handler_sees_the_message_as_it_was_and_the_error_by_its_properties() -> None:
    inner = sequence('<property name="before" value="1"/><log level="full"/>', "inner", 'onError="mine"')
    with recorded_lines():
        trial = await tried('<sequence key="inner"/>', json_body("{"), others=[inner, handler("mine")])
    found = trial.properties
    assert found["before"] == "1"
    assert found["ERROR_CODE"] == 601000
    assert str(found["ERROR_MESSAGE"]).startswith("Could not build full log message: Invalid JSON payload")
    assert "sequence:inner/2" in str(found["ERROR_DETAIL"])
    assert isinstance(found["ERROR_EXCEPTION"], MediationError)


@pytest.mark.parametrize(
    "mediator",
    [
        '<property name="v" expression="//x"/>',
        '<property name="v" expression="json-eval($.x)"/>',
        '<variable name="v" expression="${payload.x}"/>',
        '<filter xpath="//x"><drop/></filter>',
        "<log><message>${payload}</message></log>",
    ],
)
async def test_a_payload_that_cannot_be_read_has_its_own_code_whoever_looks_at_it(mediator: str) -> None:
    trial = await tried(mediator, json_body("{"))
    assert trial.properties["ERROR_CODE"] == 601000
    assert trial.message.body.is_empty


async def test_an_error_nobody_foresaw_is_told_with_its_traceback_and_one_foreseen_without() -> None:
    with recorded_lines() as told:
        await tried('<test-breaks text="boom"/>')
        await tried(FAILS)
    unforeseen, foreseen = (record for record in told.records if "(at " in record.message)
    assert "ZeroDivisionError" in unforeseen.traceback
    assert foreseen.traceback == ""


async def test_the_error_text_is_one_line_and_never_empty() -> None:
    trial = await tried('<test-breaks text="first&#10;second"/>')
    assert trial.properties["ERROR_MESSAGE"] == "first"
    trial = await tried("<test-breaks/>")
    assert trial.properties["ERROR_MESSAGE"] == "ZeroDivisionError"


async def test_history_keeps_the_last_ten_errors() -> None:
    levels = [sequence(FAILS, f"s{level}", f'onError="s{level + 1}"') for level in range(14)]
    trial = await tried('<sequence key="s0"/>', others=[*levels, handler("s14")])
    history = trial.properties["ERROR_HISTORY"]
    assert isinstance(history, list)
    assert len(history) == 10


async def test_a_lost_lease_ends_the_flow_without_any_fault_sequence() -> None:
    engine = engine_with(
        sequence("<test-sends/>", attributes='onError="mine"'), handler("mine"), handler("fault")
    )
    message = engine.message()
    message.fire = fire(may_act=False)
    outcome = await engine.inject(Entry("tried"), message)
    assert outcome.state == "faulted"
    assert isinstance(outcome.error, LeaseLost)
    assert message.default == {}


async def test_a_lease_lost_inside_a_fault_sequence_ends_that_too() -> None:
    engine = engine_with(sequence(FAILS), handler("fault", "<test-sends/>"))
    message = engine.message()
    message.fire = fire(may_act=False)
    outcome = await engine.inject(Entry("tried"), message)
    assert isinstance(outcome.error, LeaseLost)


async def test_a_lease_that_is_held_lets_the_work_go_on() -> None:
    engine = engine_with(sequence("<test-sends/>"))
    message = engine.message()
    message.fire = fire()
    assert (await engine.inject(Entry("tried"), message)).state == "completed"
    assert message.default == {"sent": True}


async def test_cancellation_runs_no_fault_sequence() -> None:
    engine = engine_with(sequence("<test-waits/>"), handler("fault"))
    message = engine.message()
    work = asyncio.ensure_future(engine.inject(Entry("tried"), message))
    await asyncio.sleep(0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert message.default == {}


async def test_a_deadline_that_passes_is_a_fault_with_a_code() -> None:
    engine = engine_with(sequence("<test-waits/>"), handler("fault"))
    message = engine.message()
    soon = asyncio.get_running_loop().time() + 0.01
    outcome = await engine.inject(Entry("tried"), message, deadline=soon)
    assert outcome.state == "faulted"
    assert message.default["ERROR_CODE"] == 101504
    assert message.default["handled"] == "fault"


async def test_the_handler_named_by_the_entry_goes_before_the_default() -> None:
    engine = engine_with(sequence(FAILS), handler("mine"), handler("fault"))
    message = engine.message()
    assert (await engine.inject(Entry("tried", on_error="mine"), message)).state == "completed"
    assert message.default["handled"] == "mine"


async def test_pre_mediate_runs_first_and_can_keep_a_message_out() -> None:
    allowed = await tried(
        '<property name="in" value="x"/>', others=[sequence(HANDLED.format("pre"), "pre-mediate")]
    )
    assert (allowed.properties["handled"], allowed.properties["in"]) == ("pre", "x")
    refused = await tried('<property name="in" value="x"/>', others=[sequence("<drop/>", "pre-mediate")])
    assert refused.outcome.state == "dropped"
    assert refused.properties == {}


async def test_a_message_without_a_target_runs_the_shipped_main() -> None:
    engine = engine_with()
    with recorded_lines() as told:
        outcome = await engine.inject(Entry("main"), engine.message())
    assert outcome.state == "completed"
    assert told.texts()[0] == "main sequence executed for call to non-existent = null"


async def test_no_more_messages_are_under_way_than_allowed() -> None:
    engine = engine_with(sequence("<test-waits/>"))
    engine._places = Places(2)
    works = [asyncio.ensure_future(engine.inject(Entry("tried"), engine.message())) for _ in range(3)]
    await asyncio.sleep(0)
    assert not engine._places.take_now()
    for work in works:
        work.cancel()
    await asyncio.gather(*works, return_exceptions=True)
    assert engine._places.take_now()


async def test_the_work_of_a_fire_never_waits_for_a_place() -> None:
    engine = engine_with(sequence("<test-waits/>"), sequence('<property name="ran" value="yes"/>', "quick"))
    engine._places = Places(1)
    held = asyncio.ensure_future(engine.inject(Entry("tried"), engine.message()))
    await asyncio.sleep(0)
    assert not engine._places.take_now()
    message = engine.message()
    message.fire = fire()
    async with asyncio.timeout(5):
        assert (await engine.inject(Entry("quick"), message)).state == "completed"
    assert message.default["ran"] == "yes"
    held.cancel()
    await asyncio.gather(held, return_exceptions=True)


async def test_an_engine_can_be_started_and_stopped_in_any_order() -> None:
    engine = engine_with(sequence(""))
    await engine.stop()
    await asyncio.gather(*(engine.start() for _ in range(10)))
    assert await engine.in_thread(lambda: 1) == 1
    await asyncio.gather(*(engine.stop() for _ in range(10)))
    await engine.stop()
    async with engine:
        assert await engine.in_thread(lambda: 2) == 2


async def test_a_message_sees_one_deployed_set_from_beginning_to_end() -> None:
    engine = engine_with(
        sequence('<test-swaps/><sequence key="other"/>'),
        sequence('<property name="v" value="old"/>', "other"),
    )
    message = engine.message()
    await engine.inject(Entry("tried"), message)
    assert message.default["v"] == "old"
    assert engine.graph.branch("other") is None


@mediator("test-swaps")
class Swaps(Mediator):
    """Deploys an empty set in the middle of a flow."""

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        return cls()

    async def mediate(self, message: Message, flow: Flow) -> bool:
        flow.engine.graph = type(flow.graph)()
        return True
