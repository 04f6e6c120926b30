"""Whether an endpoint is worth asking: its state, and what failures and answers make of it. ◇

    ACTIVE ──failure that marks, tries left──▶ TIMEOUT ──the same, no tries left──▶ SUSPENDED
       │ └────────────failure that suspends──────────────────────────────────────────▲
       ◀──────────an answer, from TIMEOUT and SUSPENDED──────────────────────────────┘          OFF: by hand only

In TIMEOUT and SUSPENDED nothing is sent before `next_try`; then one message probes while the others are refused.
Times are seconds of a monotonic clock.
"""

import math
from dataclasses import dataclass, replace
from enum import IntEnum

USUAL_DURATION = 30.0
"""Seconds of a suspension whose duration is negative, as that of an endpoint without `initialDuration` is."""
USUAL_MARKS = frozenset({101504, 101505})


class Status(IntEnum):
    """The four states."""

    ACTIVE = 1
    TIMEOUT = 2
    SUSPENDED = 3
    OFF = 4


@dataclass(frozen=True, slots=True)
class Rules:
    """What an artifact says about failures."""

    marking: frozenset[int] = frozenset()
    """Codes after which it is tried again; empty = USUAL_MARKS."""
    tries: int = 0
    """How often it is tried again before it is suspended."""
    try_delay: float = 0.0
    suspending: frozenset[int] = frozenset()
    """Codes that suspend; empty = every code."""
    first_duration: float = -1.0
    factor: float = 1.0
    """What each further suspension is longer than the one before."""
    longest: float = math.inf
    single_probe: bool = True
    """Whether only one message tries an endpoint whose time has come."""

    def marks(self, code: int, shifted: int | None = None) -> bool:
        """Whether a failure asks for another try. `shifted` is the code plus the protocol state, for old lists."""
        return code in USUAL_MARKS if not self.marking else code in self.marking or shifted in self.marking

    def suspends(self, code: int, shifted: int | None = None) -> bool:
        """Whether a failure suspends at once; an HTTP status does so only when it is listed."""
        if not self.suspending:
            return code >= 1000
        return code in self.suspending or shifted in self.suspending


@dataclass(frozen=True, slots=True)
class State:
    """The state of one endpoint on this node."""

    status: Status = Status.ACTIVE
    next_try: float = 0.0
    since: float = 0.0
    """When this state began: failures of what was sent before then are told already."""
    tries_left: int | None = None
    """None = as many as the rules give."""
    duration: float | None = None
    """Seconds of the last suspension since it last answered."""
    is_probing: bool = False


ACTIVE = State()


def admitted(state: State, rules: Rules, now: float) -> State | None:
    """Return the state after letting a message through, None when it must not be sent."""
    if state.status is Status.ACTIVE:
        return state
    if state.status is Status.OFF or now < state.next_try or state.is_probing:
        return None
    return replace(state, is_probing=rules.single_probe)


def failed(
    state: State, rules: Rules, code: int, now: float, *, sent_at: float, shifted: int | None = None
) -> State:
    """Return the state after the failure `code` of a message that was sent at `sent_at`."""
    if state.status is Status.OFF or (state.status is not Status.ACTIVE and sent_at < state.since):
        return state
    if rules.marks(code, shifted):
        left = rules.tries if state.tries_left is None else state.tries_left
        if left > 0:
            return State(Status.TIMEOUT, now + rules.try_delay, now, left - 1, state.duration)
        return _suspended(state, rules, now)
    if rules.suspends(code, shifted):
        return _suspended(state, rules, now)
    return replace(state, is_probing=False)


def _suspended(state: State, rules: Rules, now: float) -> State:
    duration = rules.first_duration if state.duration is None else state.duration * rules.factor
    duration = min(duration, rules.longest)
    if duration < 0:
        duration = USUAL_DURATION
    return State(Status.SUSPENDED, now + duration, now, state.tries_left, duration)


def answered(state: State) -> State:
    """Return the state after an answer, whatever its status."""
    return state if state.status is Status.OFF else ACTIVE


def unproven(state: State) -> State:
    """Return the state after a probe that came to nothing: neither an answer nor a failure of the back end."""
    return replace(state, is_probing=False)
