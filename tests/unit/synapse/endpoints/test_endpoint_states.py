"""The state of an endpoint: a table of what failures and answers make of it, without clock or sockets."""

from collections.abc import Iterable
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as some

from micro_integrator.synapse.endpoints.state import (
    ACTIVE,
    Rules,
    State,
    Status,
    admitted,
    answered,
    failed,
    unproven,
)

REFUSED, TIMED_OUT, CLOSED = 101503, 101504, 101505

Step = tuple[float, int | None]
"""When a message is sent, and the code it fails with at once; None = it is answered."""


def after(rules: Rules, steps: Iterable[Step]) -> State:
    """Return the state after messages that are sent one after the other; refused ones change nothing."""
    state = ACTIVE
    for now, code in steps:
        let_in = admitted(state, rules, now)
        if let_in is None:
            continue
        state = answered(let_in) if code is None else failed(let_in, rules, code, now, sent_at=now)
    return state


@pytest.mark.parametrize(
    ("rules", "steps", "status", "next_try"),
    [
        pytest.param(Rules(), [(0, REFUSED)], Status.SUSPENDED, 30, id="every code suspends, for 30 seconds"),
        pytest.param(
            Rules(), [(0, TIMED_OUT)], Status.SUSPENDED, 30, id="a mark without tries suspends as well"
        ),
        pytest.param(Rules(first_duration=1), [(0, REFUSED)], Status.SUSPENDED, 1, id="the first duration"),
        pytest.param(
            Rules(first_duration=1, factor=3),
            [(0, REFUSED), (1, REFUSED)],
            Status.SUSPENDED,
            4,
            id="grows by the factor",
        ),
        pytest.param(
            Rules(first_duration=1, factor=3, longest=2),
            [(0, REFUSED), (1, REFUSED), (3, REFUSED)],
            Status.SUSPENDED,
            5,
            id="up to the longest",
        ),
        pytest.param(
            Rules(first_duration=40, longest=2), [(0, REFUSED)], Status.SUSPENDED, 2, id="even the first one"
        ),
        pytest.param(
            Rules(factor=-2), [(0, REFUSED), (30, REFUSED)], Status.SUSPENDED, 60, id="negative means 30"
        ),
        pytest.param(
            Rules(first_duration=0), [(5, REFUSED)], Status.SUSPENDED, 5, id="a duration of 0 is over at once"
        ),
        pytest.param(
            Rules(suspending=frozenset({-1})), [(0, REFUSED)], Status.ACTIVE, 0, id="-1 never suspends"
        ),
        pytest.param(
            Rules(suspending=frozenset({CLOSED})),
            [(0, REFUSED)],
            Status.ACTIVE,
            0,
            id="a code that is not listed",
        ),
        pytest.param(
            Rules(tries=2, try_delay=0.5), [(0, TIMED_OUT)], Status.TIMEOUT, 0.5, id="a mark with tries left"
        ),
        pytest.param(
            Rules(tries=2, try_delay=0.5),
            [(0, TIMED_OUT), (0.5, CLOSED), (1, TIMED_OUT)],
            Status.SUSPENDED,
            31,
            id="no tries left",
        ),
        pytest.param(
            Rules(tries=2, try_delay=0.5),
            [(0, TIMED_OUT), (0.5, REFUSED)],
            Status.SUSPENDED,
            30.5,
            id="worse than a mark",
        ),
        pytest.param(
            Rules(marking=frozenset({REFUSED}), tries=1),
            [(0, TIMED_OUT)],
            Status.SUSPENDED,
            30,
            id="a list of marks",
        ),
        pytest.param(
            Rules(), [(0, REFUSED), (10, None)], Status.SUSPENDED, 30, id="nobody is let in before its time"
        ),
        pytest.param(Rules(), [(0, REFUSED), (30, None)], Status.ACTIVE, 0, id="an answer makes it active"),
        pytest.param(
            Rules(first_duration=1, factor=9),
            [(0, REFUSED), (1, None), (2, REFUSED)],
            Status.SUSPENDED,
            3,
            id="an answer makes durations begin anew",
        ),
        pytest.param(
            Rules(tries=1),
            [(0, TIMED_OUT), (0, None), (1, TIMED_OUT)],
            Status.TIMEOUT,
            1,
            id="and tries as well",
        ),
        pytest.param(
            Rules(), [(0, 503)], Status.ACTIVE, 0, id="an HTTP status is no code unless it is listed"
        ),
        pytest.param(
            Rules(suspending=frozenset({503})), [(0, 503)], Status.SUSPENDED, 30, id="a listed HTTP status"
        ),
    ],
)
def test_states_are_what_the_rules_say(
    rules: Rules, steps: list[Step], status: Status, next_try: float
) -> None:
    state = after(rules, steps)
    assert (state.status, state.next_try) == (status, next_try)


@pytest.mark.parametrize("listed", [REFUSED, REFUSED + 3])
def test_a_list_names_a_code_as_it_is_or_with_the_protocol_state_added(listed: int) -> None:
    rules = Rules(suspending=frozenset({listed}))
    state = failed(ACTIVE, rules, REFUSED, 0, sent_at=0, shifted=REFUSED + 3)
    assert state.status is Status.SUSPENDED


def test_without_a_list_only_the_code_itself_marks() -> None:
    rules = Rules(tries=1)
    state = failed(ACTIVE, rules, REFUSED, 0, sent_at=0, shifted=TIMED_OUT)
    assert state.status is Status.SUSPENDED


def test_failures_of_what_was_sent_before_a_suspension_do_not_make_it_longer() -> None:
    rules = Rules(first_duration=1, factor=2)
    state = failed(ACTIVE, rules, REFUSED, 10, sent_at=9)
    for number in range(50):
        state = failed(state, rules, REFUSED, 10.5, sent_at=9 + number / 100)
    assert (state.next_try, state.duration) == (11, 1)


def test_one_message_probes_and_the_others_wait_for_its_result() -> None:
    rules = Rules(first_duration=1)
    suspended = after(rules, [(0, REFUSED)])
    probing = admitted(suspended, rules, 1)
    assert probing is not None
    assert admitted(probing, rules, 2) is None
    assert admitted(unproven(probing), rules, 2) is not None
    assert admitted(answered(probing), rules, 2) is ACTIVE
    assert admitted(failed(probing, rules, -5, 2, sent_at=1), rules, 2) is not None


def test_all_messages_probe_where_the_settings_say_so() -> None:
    rules = Rules(first_duration=1, single_probe=False)
    suspended = after(rules, [(0, REFUSED)])
    probing = admitted(suspended, rules, 1)
    assert probing is not None
    assert admitted(probing, rules, 1) is not None


def test_off_is_left_by_hand_only() -> None:
    off = State(Status.OFF)
    assert admitted(off, Rules(), 1e9) is None
    assert answered(off) is off
    assert failed(off, Rules(), REFUSED, 0, sent_at=0) is off


@dataclass(frozen=True)
class Happening:
    """Something that befalls an endpoint some time after the last thing."""

    later: float
    code: int | None


HAPPENINGS = some.lists(
    some.builds(
        Happening,
        some.floats(0, 50),
        some.one_of(some.none(), some.sampled_from([101500, REFUSED, TIMED_OUT, CLOSED, 503])),
    ),
    max_size=30,
)
RULES = some.builds(
    Rules,
    marking=some.sampled_from([frozenset(), frozenset({CLOSED}), frozenset({-1})]),
    tries=some.integers(0, 3),
    try_delay=some.floats(0, 5),
    suspending=some.sampled_from([frozenset(), frozenset({REFUSED}), frozenset({-1}), frozenset({503})]),
    first_duration=some.floats(-1, 20),
    factor=some.floats(-1, 4),
    longest=some.floats(0, 60),
)


@given(RULES, HAPPENINGS)
def test_whatever_happens_an_endpoint_can_always_be_asked_again(
    rules: Rules, happenings: list[Happening]
) -> None:
    state, now = ACTIVE, 0.0
    for one in happenings:
        now += one.later
        state = after_one(state, rules, now, one.code)
        assert not state.is_probing
        assert state.next_try <= now + max(30.0, rules.longest, rules.try_delay)
    let_in = admitted(state, rules, state.next_try)
    assert let_in is not None
    assert answered(let_in) is ACTIVE


def after_one(state: State, rules: Rules, now: float, code: int | None) -> State:
    let_in = admitted(state, rules, now)
    if let_in is None:
        assert now < state.next_try
        return state
    return answered(let_in) if code is None else failed(let_in, rules, code, now, sent_at=now)


@given(RULES, HAPPENINGS)
def test_tries_are_never_more_than_the_rules_give(rules: Rules, happenings: list[Happening]) -> None:
    state, now, tries = ACTIVE, 0.0, 0
    for one in happenings:
        now += one.later
        state = after_one(state, rules, now, one.code)
        tries = 0 if state.status is Status.ACTIVE else tries
        if state.status is Status.TIMEOUT:
            assert state.tries_left is not None
            assert 0 <= state.tries_left < rules.tries
