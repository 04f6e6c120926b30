"""The lease as arithmetic: an owner has stopped before anybody may take over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.cluster.lease import (
    RHO,
    LeaseRow,
    Sighting,
    Takeable,
    Tenure,
    Verdict,
    deadline_of,
    grace,
    may_take,
)

NOBODY: frozenset[str] = frozenset()


def row(
    boot: str = "b1", epoch: int = 1, seq: int = 5, status: str = "ACTIVE", lease_ms: int = 15_000
) -> LeaseRow:
    return LeaseRow("node-1", boot, epoch, lease_ms, seq, 0, status, 0, None)


@given(
    length=st.floats(1, 600),
    owner_rate=st.floats(1 - RHO, 1 + RHO),
    judge_rate=st.floats(1 - RHO, 1 + RHO),
    statement=st.floats(0, 60),
    answer=st.floats(0, 60),
)
def test_the_deadline_has_passed_before_any_judge_may_evict(
    length: float, owner_rate: float, judge_rate: float, statement: float, answer: float
) -> None:
    """Clocks up to 10 % off; the renewal was executed and seen by the judge at any later time."""
    sent_true = 0.0
    seen_true = sent_true + statement + answer
    owner_stops_true = deadline_of(sent_true * owner_rate, length) / owner_rate
    judge_acts_true = seen_true + (length + grace(length)) / judge_rate
    assert owner_stops_true <= judge_acts_true + 1e-9


@pytest.mark.parametrize("status", ["LEFT", "EVICTED"])
def test_a_row_that_was_left_is_vacant(status: str) -> None:
    assert may_take(row(status=status), Sighting(), 0.0, NOBODY, lambda _: False) is Takeable.VACANT


def test_a_live_holder_keeps_its_row_until_it_was_silent_for_lease_and_grace() -> None:
    sighting = Sighting()
    sighting.note(row(), answered_at=100.0)
    limit = 100.0 + 15.0 + 1.5
    assert may_take(row(), sighting, limit - 0.01, NOBODY, lambda _: False) is Takeable.HELD
    assert may_take(row(), sighting, limit, NOBODY, lambda _: False) is Takeable.EXPIRED


def test_every_renewal_starts_the_wait_anew() -> None:
    sighting = Sighting()
    sighting.note(row(seq=5), answered_at=0.0)
    sighting.note(row(seq=6), answered_at=16.0)
    assert may_take(row(seq=6), sighting, 17.0, NOBODY, lambda _: False) is Takeable.HELD


def test_a_holder_that_provably_died_on_this_host_is_replaced_at_once() -> None:
    sighting = Sighting()
    sighting.note(row(), answered_at=0.0)
    assert may_take(row(), sighting, 0.0, NOBODY, lambda _: True) is Takeable.PROVEN_DEAD


def test_an_earlier_life_of_this_process_is_replaced_at_once() -> None:
    assert may_take(row(), Sighting(), 0.0, frozenset({"b1"}), lambda _: False) is Takeable.FORMER_SELF


def test_the_deadline_counts_from_before_the_statement_was_sent_and_never_moves_back() -> None:
    tenure = Tenure("b1", 1, 10.0)
    late = tenure.next_number()
    tenure.renewed(tenure.next_number(), sent_at=50.0)
    assert tenure.deadline == pytest.approx(59.0)
    tenure.renewed(late, sent_at=40.0)
    assert tenure.deadline == pytest.approx(59.0)


def tenure_after(sent: int, confirmed: int) -> Tenure:
    return Tenure("b1", 1, 15.0, confirmed=confirmed, sent=sent)


@pytest.mark.parametrize(
    ("number", "stands", "verdict"),
    [
        (4, row(seq=5), Verdict.OVERTAKEN),
        (5, row(seq=5), Verdict.TWIN),
        (5, row(seq=9), Verdict.TWIN),
        (5, row(seq=2), Verdict.WENT_BACKWARDS),
        (5, row(epoch=0, seq=4), Verdict.WENT_BACKWARDS),
        (5, None, Verdict.WENT_BACKWARDS),
        (5, row(status="EVICTED", seq=4), Verdict.LOST),
        (5, row(boot="b2", epoch=2, seq=0), Verdict.LOST),
    ],
)
def test_a_renewal_that_met_nothing_is_explained_by_the_row(
    number: int, stands: LeaseRow | None, verdict: Verdict
) -> None:
    tenure = tenure_after(sent=5, confirmed=3)
    assert tenure.judge_miss(number, stands, now=1e9) is verdict


def test_an_eviction_before_the_deadline_was_false() -> None:
    tenure = tenure_after(sent=5, confirmed=3)
    tenure.renewed(3, sent_at=100.0)
    evicted = row(status="EVICTED", seq=4)
    assert tenure.judge_miss(5, evicted, now=tenure.deadline - 0.1) is Verdict.EVICTED_ALIVE
    assert tenure.judge_miss(5, evicted, now=tenure.deadline) is Verdict.LOST
