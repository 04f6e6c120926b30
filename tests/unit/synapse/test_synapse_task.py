"""<task>: what is handed over when it is deployed, and what a fire does."""

import asyncio
import sys
import threading
import types
from collections.abc import Iterator
from typing import Any

import pytest
from unit.synapse.synapse_lab import (
    SYNAPSE,
    TasksHeld,
    artifacts_of,
    engine_with,
    fire,
    loaded,
    markup,
    sequence,
)

from micro_integrator.observability import recorded_lines
from micro_integrator.synapse import Engine, Message, Terms
from micro_integrator.tasks import BodyFailed, Cron, Fire, Interval, Once, Task

INTO_S = '<property name="injectTo" value="sequence"/><property name="sequenceName" value="s"/>'
PAYLOAD = '<property name="message"><a xmlns="">1</a></property>'


def task(inside: str = "", attributes: str = "", name: str = "t") -> str:
    return f'<task {SYNAPSE} name="{name}" {attributes}>{inside}</task>'


def faults(inside: str = "", attributes: str = "", terms: Terms | None = None) -> list[str]:
    return [error.message for error in loaded(task(inside, attributes), terms).errors]


async def handed_over(definition: str, *others: str, terms: Terms | None = None) -> tuple[Engine, Task]:
    engine = engine_with(*others)
    await engine.start()
    result = loaded(definition, terms)
    assert [str(error) for error in result.errors] == []
    await result.artifacts[0].activate(engine)
    assert isinstance(engine.tasks, TasksHeld)
    [made] = engine.tasks.tasks.values()
    return engine, made


async def fired(inside: str, fire: Fire, *mediators: str) -> Message:
    """Fire a task whose sequence keeps the message it got."""
    kept: list[Message] = []
    engine, made = await handed_over(task(INTO_S + inside), sequence("".join(mediators), "s"))
    inject = engine.inject

    async def keep(entry: Any, message: Message, **more: Any) -> Any:
        kept.append(message)
        return await inject(entry, message, **more)

    engine.inject = keep  # type: ignore[method-assign]
    await made.body(fire)
    await engine.stop()
    return kept[0]


TRIGGERS = [
    ("", Once(), 1),
    ("<trigger/>", Once(), 1),
    ('<trigger interval="5"/>', Interval(5), None),
    ('<trigger interval="5" count="3"/>', Interval(5, 3), 3),
    ('<trigger once="true"/>', Once(), 1),
    ('<trigger cron="0 0 * * * ?"/>', Cron("0 0 * * * ?", "UTC"), None),
]


@pytest.mark.parametrize(("trigger", "expected", "count"), TRIGGERS)
async def test_a_trigger_is_handed_over(trigger: str, expected: object, count: int | None) -> None:
    _, made = await handed_over(task(trigger))
    assert (made.trigger, made.count) == (expected, count)


async def test_fire_mode_misfire_and_timezone_belong_to_the_task_itself() -> None:
    inside = """<trigger cron="0 0 2 * * ?"/><property name="fire_mode" value="claim_retry"/>
    <property name="misfire" value="fire_once"/><property name="timezone" value="Asia/Tokyo"/>"""
    _, made = await handed_over(task(inside))
    assert (made.fire_mode, made.misfire, made.sequential) == ("claim_retry", "fire_once", True)
    assert made.trigger == Cron("0 0 2 * * ?", "Asia/Tokyo")


@pytest.mark.parametrize(
    ("terms", "inside", "mode"),
    [
        (Terms(), '<property name="fire_mode" value="lease"/>', "lease"),
        (Terms(fire_mode="lease"), "", "lease"),
        (Terms(fire_mode="lease"), '<property name="fire_mode" value="claim"/>', "claim"),
    ],
)
async def test_a_fire_mode_is_its_own_or_the_one_of_all_tasks(terms: Terms, inside: str, mode: str) -> None:
    _, made = await handed_over(task(f'<trigger interval="5"/>{inside}'), terms=terms)
    assert made.fire_mode == mode


def test_a_count_is_a_fault_where_nobody_counts_by_default() -> None:
    [found] = faults('<trigger interval="5" count="2"/>', terms=Terms(fire_mode="lease"))
    assert found.startswith("<trigger>: count needs fire mode claim or claim_retry")
    assert faults('<trigger interval="5" count="0"/>', terms=Terms(fire_mode="lease")) == []


@pytest.mark.parametrize(
    ("value", "sequential"), [("", False), ("true", True), ("false", False), ("TRUE", True)]
)
@pytest.mark.parametrize("name", ["sequential", "isSequential"])
async def test_sequential_is_said_in_two_ways(name: str, value: str, sequential: bool) -> None:
    inside = f'<property name="{name}" value="{value}"/>' if value else ""
    _, made = await handed_over(task(inside))
    assert made.sequential is sequential


WRONG = [
    ("", 'class="org.example.Foo"', "Java class org.example.Foo has no Python equivalent"),
    ("", 'class="nowhere.at.all:X"', "Failed to load task class nowhere.at.all:X: module 'nowhere.at.all'"),
    ("", 'class="pathlib:Path"', "Failed to load task class pathlib:Path: it has no method execute()"),
    ('<trigger interval="0"/>', "", "<trigger>: interval 0"),
    ('<trigger interval="soon"/>', "", "<trigger>: interval 'soon' is not a whole number of seconds"),
    ('<trigger cron="never"/>', "", "<trigger>: cron 'never'"),
    (
        '<trigger cron="0 0 * * * ?" interval="5"/>',
        "",
        "<trigger>: Trigger syntax error : both cron and simple",
    ),
    (
        '<trigger count="4"/>',
        "",
        "<trigger>: Trigger seems to be a simple trigger, but no interval specified",
    ),
    ('<property name="message" expression="//a"/>', "", "Tasks does not support dynamic properties"),
    (
        '<property name="mesage" value="a"/>',
        "",
        "the message injector has no property 'mesage' (did you mean 'message'?)",
    ),
    ('<property name="to"/>', "", "<property> of <task> needs the attribute 'value', an element or a text"),
    ('<property name="to" value="a"/><property name="to" value="b"/>', "", "property 'to' is given twice"),
    (
        '<property name="injectTo" value="Proxy"/>',
        "",
        "injectTo 'proxy' is not supported yet: inject into a sequence",
    ),
    (
        '<property name="fire_mode" value="often"/>',
        "",
        "property fire_mode 'often': expected claim, claim_retry or lease",
    ),
    (
        '<trigger interval="5" count="2"/><property name="fire_mode" value="lease"/>',
        "",
        "<trigger>: count needs fire mode claim or claim_retry",
    ),
    (
        '<trigger once="true"/><property name="fire_mode" value="lease"/>',
        "",
        "<trigger>: count needs fire mode claim or claim_retry",
    ),
    ('<property name="misfire" value="often"/>', "", "property misfire 'often': expected skip or fire_once"),
    ("<triger/>", "", "unknown element <triger> in <task> (did you mean 'trigger'?)"),
]


@pytest.mark.parametrize(("inside", "attributes", "expected"), WRONG)
def test_a_mistake_is_found_at_deployment(inside: str, attributes: str, expected: str) -> None:
    [found] = faults(inside, attributes)
    assert found.startswith(expected)


def test_a_task_needs_a_name_that_fits() -> None:
    [error] = loaded(f"<task {SYNAPSE}/>").errors
    assert error.message == "Name for a task is required, missing name in the task"
    [error] = loaded(task(name="x" * 512), Terms(cluster_group="g")).errors
    assert "512 characters" in error.message


def test_a_suspiciously_long_interval_and_a_missing_target_are_noted() -> None:
    result = loaded(task('<trigger interval="5000"/><property name="injectTo" value="sequence"/>'))
    assert sorted(notice.message for notice in result.notices) == [
        "injectTo is 'sequence', but there is no sequenceName: every run will fail",
        "interval 5000 is in seconds: the task runs every 1.4 hours",
    ]


async def test_placeholders_are_resolved_in_trigger_properties_and_servers() -> None:
    known = {"$SYSTEM:EVERY": "9", "$SYSTEM:WHERE": "s", "$SYSTEM:SERVER": "localhost"}
    terms = Terms(resolve=lambda text: known.get(text, text))
    inside = """<trigger interval="$SYSTEM:EVERY"/><property name="injectTo" value="sequence"/>
    <property name="sequenceName" value="$SYSTEM:WHERE"/>"""
    _, made = await handed_over(task(inside, 'pinnedServers="$SYSTEM:SERVER"'), terms=terms)
    assert made.trigger == Interval(9)
    assert made.pinned
    [reference] = loaded(task(inside), terms).artifacts[0].origin.references
    assert reference.key == "s"


async def test_a_pinned_task_runs_here_or_not_at_all() -> None:
    _, here = await handed_over(task("", 'pinnedServers="other, localhost"'))
    assert here.pinned
    engine = engine_with()
    artifact = loaded(task("", 'pinnedServers="other"')).artifacts[0]
    with recorded_lines() as told:
        await artifact.activate(engine)
        await artifact.deactivate(engine)
    assert told.texts() == ["Server name not in pinned servers list. Not starting Task : t"]
    assert engine.tasks == TasksHeld()


async def hashes(definition: str, terms: Terms | None = None) -> tuple[str, str]:
    _, made = await handed_over(definition, terms=terms)
    return made.definition_hash, made.body_hash


async def test_the_definition_hash_covers_the_schedule_and_nothing_else() -> None:
    base = await hashes(task('<trigger interval="5"/>' + PAYLOAD))
    assert (await hashes(task('<trigger interval="5"></trigger><!-- c -->' + PAYLOAD))) == base
    body_changed = await hashes(
        task('<trigger interval="5"/><property name="message"><b xmlns=""/></property>')
    )
    assert body_changed[0] == base[0]
    assert body_changed[1] != base[1]
    for changed in (
        '<trigger interval="6"/>',
        '<trigger interval="5" count="2"/>',
        '<trigger interval="5"/><property name="fire_mode" value="claim_retry"/>',
    ):
        assert (await hashes(task(changed + PAYLOAD)))[0] != base[0]


async def test_the_time_zone_is_part_of_the_definition_of_a_cron_and_not_of_an_interval() -> None:
    berlin = Terms(zone="Europe/Berlin")
    cron, interval = task('<trigger cron="0 0 * * * ?"/>'), task('<trigger interval="5"/>')
    assert await hashes(cron) != await hashes(cron, berlin)
    assert await hashes(interval) == await hashes(interval, berlin)


async def test_a_fire_makes_a_message_that_knows_where_it_comes_from() -> None:
    message = await fired(
        PAYLOAD + '<property name="to" value="http://x"/><property name="soapAction" value="act"/>', fire()
    )
    assert message.default == {
        "task.name": "t",
        "coordination.task": "t",
        "coordination.fence": 3,
        "coordination.fire_key": 7,
        "coordination.redelivered": False,
    }
    assert (message.to, message.soap_action) == ("http://x", "act")
    assert message.fire is not None


async def test_a_run_by_hand_has_a_number_in_place_of_the_key() -> None:
    message = await fired(PAYLOAD, fire(key=None, trigger_seq=4))
    assert message.default["coordination.trigger_seq"] == 4
    assert "coordination.fire_key" not in message.default


@pytest.mark.parametrize(
    ("payload", "is_json", "expected"),
    [
        ('<property name="message"><a xmlns="">1</a></property>', False, "<a>1</a>"),
        ('<property name="message" value="&lt;a&gt;1&lt;/a&gt;"/>', False, "<a>1</a>"),
        ('<property name="message">{"a": 1}</property>', True, "<jsonObject><a>1</a></jsonObject>"),
        (
            '<property name="message">[1]</property>',
            True,
            "<jsonArray><jsonElement>1</jsonElement></jsonArray>",
        ),
        (
            '<property name="message">{plain}</property>',
            False,
            '<text xmlns="http://ws.apache.org/commons/ns/payload">{plain}</text>',
        ),
    ],
)
async def test_the_payload_is_a_document_json_or_text(payload: str, is_json: bool, expected: str) -> None:
    message = await fired(payload, fire())
    assert message.body.is_json is is_json
    element = message.body.xml()
    assert element is not None
    assert markup(element) == expected


async def test_fires_do_not_share_a_tree() -> None:
    mediators = sequence('<property name="kept" expression="//a" type="OM"/>', "s")
    engine, made = await handed_over(task(INTO_S + PAYLOAD), mediators)
    await asyncio.gather(*(made.body(fire(key=key)) for key in range(3)))
    await engine.stop()


@pytest.mark.parametrize(
    ("name", "expected"),
    [("soap11", "soap11"), ("soap12", "soap12"), ("pox", "pox"), ("get", "get"), ("odd", "soap12")],
)
async def test_the_format_of_the_message(name: str, expected: str) -> None:
    message = await fired(PAYLOAD + f'<property name="format" value="{name}"/>', fire())
    assert message.message_format == expected


async def test_the_payload_can_stand_in_an_entry() -> None:
    entry = f'<localEntry {SYNAPSE} key="p"><a xmlns="">2</a></localEntry>'
    mediators = sequence(
        '<property name="v" expression="//a"/><log level="custom"><property name="v" expression="$ctx:v"/></log>',
        "s",
    )
    engine, made = await handed_over(
        task(INTO_S + '<property name="registryKey" value="p"/>'), mediators, entry
    )
    with recorded_lines() as told:
        await made.body(fire())
    assert told.texts() == ["v = 2"]
    await engine.stop()


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (INTO_S, "message or registry-key not set"),
        (INTO_S + '<property name="registryKey" value="none"/>', "message or registry-key not set"),
        ('<property name="injectTo" value="sequence"/>' + PAYLOAD, "Sequence name not specified"),
        (INTO_S.replace('"s"', '"x"') + PAYLOAD, "Sequence: x not found"),
    ],
)
async def test_what_is_missing_at_a_fire_is_told_and_fails_it(inside: str, expected: str) -> None:
    _, made = await handed_over(task(inside), sequence("", "s"))
    with pytest.raises(BodyFailed, match=expected):
        await made.body(fire())


async def test_a_fault_that_nobody_handles_fails_the_fire_and_a_handled_one_does_not() -> None:
    _, made = await handed_over(task(INTO_S + PAYLOAD), sequence('<sequence key="gone"/>', "s"))
    with (
        recorded_lines(),
        pytest.raises(BodyFailed, match=r"Sequence named gone cannot be found"),
    ):
        await made.body(fire())
    handled = sequence('<sequence key="gone"/>', "s", 'onError="mine"')
    _, made = await handed_over(task(INTO_S + PAYLOAD), handled, sequence("", "mine"))
    with recorded_lines():
        await made.body(fire())


async def test_without_a_target_the_message_goes_into_main() -> None:
    _, made = await handed_over(
        task(PAYLOAD), sequence('<log level="custom"><property name="m" value="1"/></log>', "main")
    )
    with recorded_lines() as told:
        await made.body(fire())
    assert told.texts() == ["m = 1"]


async def test_undeploying_takes_the_task_back() -> None:
    engine, _ = await handed_over(task())
    await loaded(task()).artifacts[0].deactivate(engine)
    assert engine.tasks == TasksHeld()


class Counting:
    """A task class of a user."""

    step: int = 1

    def __init__(self) -> None:
        self.log: list[object] = []
        self.greeting = "hello"

    def set_limit(self, value: int) -> None:
        self.limit = value

    def init(self, engine: Engine) -> None:
        self.log.append(("init", type(engine).__name__))

    def execute(self) -> None:
        self.log.append(
            (threading.current_thread() is threading.main_thread(), self.step, self.limit, self.greeting)
        )

    def destroy(self) -> None:
        self.log.append("destroyed")


class Starting:
    """A task class with a start of its own."""

    def __init__(self) -> None:
        self.log: list[object] = []

    def start(self) -> None:
        self.log.append(("start", threading.current_thread() is threading.main_thread()))

    def execute(self) -> None:
        self.log.append("execute")


class StartingLater(Starting):
    """A task class whose start is a coroutine that fails."""

    async def start(self) -> None:  # type: ignore[override]
        raise RuntimeError("no link yet")


class Failing:
    """A task class that fails."""

    async def execute(self) -> None:
        raise ValueError("no luck")


class Unmakable:
    """A task class whose constructor fails."""

    def __init__(self) -> None:
        raise RuntimeError("not today")


class Held:
    """A task class that runs until it is let go."""

    begun, let_go = threading.Event(), threading.Event()

    def execute(self) -> None:
        self.begun.set()
        self.let_go.wait()


class Quick:
    """A task class that is done at once."""

    def execute(self) -> None:
        pass


@pytest.fixture
def user_module() -> Iterator[None]:
    module = types.ModuleType("users_tasks")
    for cls in (Counting, Starting, StartingLater, Failing, Unmakable, Held, Quick):
        setattr(module, cls.__name__, cls)
    sys.modules["users_tasks"] = module
    yield
    del sys.modules["users_tasks"]


COUNTING = """<property name="step" value="3"/><property name="limit" value="4"/>
<property name="greeting" value="hi"/>"""


@pytest.mark.usefixtures("user_module")
async def test_a_class_of_the_user_is_set_up_run_in_a_thread_and_destroyed() -> None:
    engine = engine_with()
    artifact: Any = loaded(task(COUNTING, 'class="users_tasks:Counting"')).artifacts[0]
    async with engine:
        await artifact.activate(engine)
        assert isinstance(engine.tasks, TasksHeld)
        made = engine.tasks.tasks["t"]
        assert made.sequential
        await made.body(fire())
        await artifact.deactivate(engine)
    assert artifact.work._instance.log == [("init", "Engine"), (False, 3, 4, "hi"), "destroyed"]


@pytest.mark.usefixtures("user_module")
async def test_the_start_of_a_class_is_left_to_the_node_that_is_given_the_task() -> None:
    engine = engine_with()
    artifact: Any = loaded(task("", 'class="users_tasks:Starting"')).artifacts[0]
    async with engine:
        await artifact.activate(engine)
        assert isinstance(engine.tasks, TasksHeld)
        made = engine.tasks.tasks["t"]
        assert artifact.work._instance.log == []
        assert made.prepare is not None
        await made.prepare()
        await made.body(fire())
    assert artifact.work._instance.log == [("start", False), "execute"]


@pytest.mark.usefixtures("user_module")
async def test_a_start_may_be_a_coroutine_and_its_error_is_passed_on() -> None:
    engine, made = await handed_over(task("", 'class="users_tasks:StartingLater"'))
    async with engine:
        assert made.prepare is not None
        with pytest.raises(RuntimeError, match="no link yet"):
            await made.prepare()


@pytest.mark.usefixtures("user_module")
@pytest.mark.parametrize("attributes", ["", 'class="users_tasks:Quick"'])
async def test_work_without_a_start_is_never_waited_for(attributes: str) -> None:
    engine, made = await handed_over(task("", attributes))
    async with engine:
        assert made.prepare is None


@pytest.mark.usefixtures("user_module")
async def test_a_replaced_class_is_destroyed_after_its_successor_has_taken_over() -> None:
    old: Any
    new: Any
    engine = engine_with()
    old, new = (loaded(task(COUNTING, 'class="users_tasks:Counting"')).artifacts[0] for _ in range(2))
    async with engine:
        await old.activate(engine)
        await new.replace(old, engine)
        assert isinstance(engine.tasks, TasksHeld)
        assert engine.tasks.tasks["t"].body == new.work.run
    assert old.work._instance.log[-1] == "destroyed"


@pytest.mark.usefixtures("user_module")
async def test_a_class_finds_a_thread_however_many_others_hold_one() -> None:
    definitions = [task("", 'class="users_tasks:Held"', f"held-{number}") for number in range(150)]
    engine = engine_with()
    Held.let_go.clear()
    async with engine:
        for artifact in artifacts_of(*definitions, task("", 'class="users_tasks:Quick"', "quick")):
            await artifact.activate(engine)
        assert isinstance(engine.tasks, TasksHeld)
        *held, quick = (made.body for made in engine.tasks.tasks.values())
        running = [asyncio.ensure_future(body(fire())) for body in held]
        try:
            async with asyncio.timeout(10):
                await quick(fire())
            assert not any(body.done() for body in running)
        finally:
            Held.let_go.set()
            await asyncio.gather(*running)


@pytest.mark.usefixtures("user_module")
async def test_a_run_of_a_class_does_not_begin_beside_a_cancelled_one_that_goes_on() -> None:
    engine, made = await handed_over(task("", 'class="users_tasks:Held"'))
    Held.begun.clear()
    Held.let_go.clear()
    async with engine:
        body = asyncio.ensure_future(made.body(fire()))
        await asyncio.to_thread(Held.begun.wait, 10)
        body.cancel()
        with pytest.raises(asyncio.CancelledError):
            await body
        try:
            with pytest.raises(BodyFailed, match="was cancelled and has not ended yet"):
                async with asyncio.timeout(10):
                    await made.body(fire())
        finally:
            Held.let_go.set()


@pytest.mark.usefixtures("user_module")
async def test_a_run_that_comes_after_the_class_was_destroyed_fails() -> None:
    engine = engine_with()
    artifact: Any = loaded(task(COUNTING, 'class="users_tasks:Counting"')).artifacts[0]
    async with engine:
        await artifact.activate(engine)
        await artifact.deactivate(engine)
        with pytest.raises(BodyFailed, match="taken back before this run began"):
            await artifact.work.run(fire())
    assert artifact.work._instance.log == [("init", "Engine"), "destroyed"]


@pytest.mark.usefixtures("user_module")
async def test_a_class_that_raises_fails_its_fire() -> None:
    engine, made = await handed_over(task("", 'class="users_tasks.Failing"'))
    with pytest.raises(BodyFailed, match="no luck"):
        await made.body(fire())
    await engine.stop()


@pytest.mark.usefixtures("user_module")
@pytest.mark.parametrize(
    ("inside", "attributes", "expected"),
    [
        (
            "",
            "users_tasks:Unmakable",
            "Failed to load task class users_tasks:Unmakable: RuntimeError('not today')",
        ),
        (
            "",
            "users_tasks:Nothing",
            "Failed to load task class users_tasks:Nothing: module 'users_tasks' has no class",
        ),
        (
            '<property name="speed" value="1"/>',
            "users_tasks:Counting",
            "Counting has neither set_speed(value) nor",
        ),
        ('<property name="step" value="x"/>', "users_tasks:Counting", "property 'step' of Counting: "),
        ('<property name="limit" value="x"/>', "users_tasks:Counting", "property 'limit' of Counting: "),
    ],
)
def test_a_class_that_cannot_be_used_is_named(inside: str, attributes: str, expected: str) -> None:
    [found] = faults(inside, f'class="{attributes}"')
    assert found.startswith(expected)


@pytest.mark.usefixtures("user_module")
async def test_a_class_can_go_by_another_name() -> None:
    terms = Terms(class_aliases={"org.example.Count": "users_tasks:Failing"})
    _, made = await handed_over(task("", 'class="org.example.Count"'), terms=terms)
    assert made.sequential


async def test_properties_may_be_in_the_namespace_of_tasks() -> None:
    namespace = "http://www.wso2.org/products/wso2commons/tasks"
    inside = f'<task:property xmlns:task="{namespace}" name="injectTo" value="main"/>'
    await handed_over(task(inside))
