"""A resolver of the user's own may do what it likes: it costs one second of one pass and no more."""

import asyncio
from collections.abc import Iterator
from threading import Event

import pytest
from unit.tasks.planning_group import group, new_owners, view

from micro_integrator.observability import recorded_lines
from micro_integrator.tasks.planning import complete_plan, draft_plan
from micro_integrator.tasks.resolvers import View
from micro_integrator.tasks.resolvers.calls import Calls
from micro_integrator.tasks.resolvers.custom import MOST_HUNG, MOST_RETRIED, QUIET, Custom, Locate

SOON = 0.4
"""Seconds for calls of which one hangs: enough for all others, even on a busy machine."""


class HandClock:
    """Moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class Hanging:
    """Hangs for the tasks in `tasks` until it is let go, and counts what it is asked."""

    def __init__(self) -> None:
        self.tasks: set[str] = set()
        self.asked: list[str] = []
        self.gate = Event()

    def __call__(self, view: View, task: str) -> str:
        self.asked.append(task)
        if task in self.tasks:
            self.gate.wait(30)
        return view.nodes[0]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def hanging() -> Iterator[Hanging]:
    made = Hanging()
    yield made
    made.gate.set()


def custom(locate: Locate, clock: HandClock, limit: float = 30.0) -> Custom:
    return Custom("mine:Mine", locate, clock, limit)


async def test_answers_are_followed_and_none_means_not_now(clock: HandClock) -> None:
    answers = {"a": "n2", "b": None, "c": "n1"}
    resolver = custom(lambda view, task: answers[task], clock)
    seen = view(dict.fromkeys("abc", "n1 n2"), {"n1": 0, "n2": 0})
    assert await resolver.choose(seen) == {"a": "n2", "c": "n1"}


async def test_it_sees_candidates_load_and_owners(clock: HandClock) -> None:
    field = group("n1", "n2", "n3", rows={"a": "n1", "b": "n2", "c": None})
    del field.published["n3"]["c"]

    def least_loaded_last(view: View, task: str) -> str:
        assert view.owners == {"a": "n1", "b": "n2"}
        return max(view.candidates[task], key=lambda node: (-view.load[node], node))

    resolver = custom(least_loaded_last, clock)
    draft = draft_plan(field.rows, field.nodes, field.published, resolver)
    plan = complete_plan(draft, await resolver.choose(draft.view))
    assert new_owners(plan) == ["n2"]


@pytest.mark.parametrize("answer", ["n3", "n9", "", 7, ["n1"]])
async def test_an_answer_that_is_no_candidate_is_refused_with_a_warning(
    answer: object, clock: HandClock
) -> None:
    resolver = custom(lambda view, task: answer, clock)
    with recorded_lines() as lines:
        assert await resolver.choose(view({"a": "n1 n2"}, {"n1": 0, "n2": 0, "n3": 0})) == {}
    (line,) = lines.texts()
    assert "[mine:Mine]" in line
    assert "[a]" in line
    assert str(answer) in line


class Unspeakable(Exception):
    """Has no text."""

    def __str__(self) -> str:
        raise ValueError


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (KeyError("region"), "KeyError: 'region'"),
        (SystemExit(3), "SystemExit: 3"),
        (Unspeakable(), "Unspeakable"),
    ],
)
async def test_an_exception_costs_its_task_this_pass_and_the_others_nothing(
    error: BaseException, text: str, clock: HandClock
) -> None:
    def locate(view: View, task: str) -> str:
        if task == "b":
            raise error
        return "n1"

    with recorded_lines() as lines:
        assert await custom(locate, clock).choose(view(dict.fromkeys("abc", "n1"), {"n1": 0})) == {
            "a": "n1",
            "c": "n1",
        }
    assert lines.texts() == [f"Resolver [mine:Mine] failed for task [b], which waits: {text}"]


async def test_a_trouble_that_lasts_is_told_once_per_minute_and_task(clock: HandClock) -> None:
    resolver = custom(lambda view, task: f"not {task}", clock)
    seen = view({"a": "n1", "b": "n1"}, {"n1": 0})
    with recorded_lines() as lines:
        for _ in range(3):
            await resolver.choose(seen)
        assert len(lines.texts()) == 2
        clock.seconds += QUIET
        await resolver.choose(seen)
    assert len(lines.texts()) == 4


async def test_a_call_that_hangs_costs_one_pass_its_time_and_its_task_a_minute(
    hanging: Hanging, clock: HandClock
) -> None:
    hanging.tasks = {"b"}
    resolver, seen = custom(hanging, clock, SOON), view(dict.fromkeys("abcd", "n1"), {"n1": 0})
    with recorded_lines() as lines:
        passes = [(await resolver.choose(seen), resolver.is_unfinished) for _ in range(2)]
    assert passes == [({"a": "n1"}, True), ({"a": "n1", "c": "n1", "d": "n1"}, False)]
    assert lines.texts() == [
        "Resolver [mine:Mine] took more than 0.4 s and had not answered for task [b]; "
        "2 more task(s) wait for the next pass"
    ]
    clock.seconds += QUIET
    await resolver.choose(seen)
    assert hanging.asked.count("b") == 2


async def test_a_call_that_was_only_begun_late_has_not_hung_and_is_the_last_of_its_thread() -> None:
    gate, asked = Event(), []

    def ask(task: str) -> str:
        asked.append(task)
        gate.wait(30)
        return "n1"

    calls = Calls(ask, ["a", "b"], "resolver")
    assert await calls.replies(SOON) == []
    assert calls.has_hung(30)
    gate.set()
    while calls.is_running:
        await asyncio.sleep(0.01)
    assert not calls.has_hung(30)
    assert calls.has_hung(0)
    assert asked == ["a"]


async def test_a_hanging_task_does_not_use_up_the_threads_for_others(
    hanging: Hanging, clock: HandClock
) -> None:
    hanging.tasks = {"a"}
    resolver = custom(hanging, clock, SOON)
    for _ in range(MOST_RETRIED + 2):
        await resolver.choose(view({"a": "n1"}, {"n1": 0}))
        clock.seconds += QUIET
    assert hanging.asked == ["a"] * MOST_RETRIED
    assert await resolver.choose(view({"a": "n1", "b": "n1"}, {"n1": 0})) == {"b": "n1"}


async def test_no_more_than_eight_threads_hang_and_calls_go_on_when_they_return(
    hanging: Hanging, clock: HandClock
) -> None:
    tasks = [f"t{number}" for number in range(MOST_HUNG + 1)]
    hanging.tasks = set(tasks)
    resolver, seen = custom(hanging, clock, SOON / 4), view(dict.fromkeys(tasks, "n1"), {"n1": 0})
    while len(hanging.asked) < MOST_HUNG:
        await resolver.choose(seen)
    with recorded_lines() as lines:
        for _ in range(2):
            assert await resolver.choose(seen) == {}
    assert hanging.asked == tasks[:MOST_HUNG]
    assert lines.texts() == [
        "Resolver [mine:Mine] hangs in 8 calls; it is not asked again before one of them ends"
    ]
    hanging.gate.set()
    clock.seconds += QUIET
    while await resolver.choose(seen) != dict.fromkeys(tasks, "n1"):
        await asyncio.sleep(0.01)
