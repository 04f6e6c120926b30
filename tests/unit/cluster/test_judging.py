"""Who may be evicted: counted on the judge's clock, from the answer that first showed the renewal (L3)."""

import math
from dataclasses import replace

from unit.cluster.rows_of_leases import lease, look, renewed

from micro_integrator.cluster.judging import Foreigners, Judge
from micro_integrator.cluster.lease import grace
from micro_integrator.cluster.snapshot import Snapshot

LENGTH = 3.0


def judge_of(*looks: Snapshot) -> Judge:
    """A judge on node-1 that has seen `looks`."""
    judge = Judge()
    for one in looks:
        judge.note(one, "node-1")
    return judge


def test_a_silent_member_expires_after_its_lease_and_grace_and_not_before() -> None:
    row = lease("node-2")
    judge = judge_of(look(row, at=10.0), look(row, at=12.0))
    expiry = 10.0 + LENGTH + grace(LENGTH)
    assert judge.next_expiry == expiry
    assert judge.expired(expiry - 0.001) == []
    assert judge.expired(expiry) == [row]


def test_a_renewal_starts_the_wait_anew() -> None:
    row = lease("node-2")
    judge = judge_of(look(row, at=10.0), look(renewed(row), at=13.0))
    assert judge.next_expiry == 13.0 + LENGTH + grace(LENGTH)


def test_a_member_is_judged_by_the_lease_it_has_chosen() -> None:
    patient = replace(lease("node-2"), lease_ms=60_000)
    judge = judge_of(look(patient, at=0.0))
    assert judge.next_expiry == 60.0 + grace(60.0)


def test_nobody_judges_itself_and_nobody_judges_who_has_left() -> None:
    judge = judge_of(look(lease("node-1"), lease("node-2", status="LEFT"), lease("node-3", status="EVICTED")))
    assert judge.next_expiry == math.inf
    assert judge.expired(1e9) == []


def test_a_judge_that_was_frozen_itself_sees_the_newer_renewal_first() -> None:
    row = lease("node-2")
    judge = judge_of(look(row, at=0.0), look(renewed(row), at=100.0))
    assert judge.expired(100.0) == []


def test_a_heart_beat_without_a_lease_that_moves_is_a_foreign_member() -> None:
    strangers = Foreigners(window=15.0)
    first = replace(look(lease("node-1"), at=0.0), heartbeats={"java-1": 1, "node-1": 1})
    strangers.note(first)
    assert not strangers.are_present(0.0)
    strangers.note(replace(first, answered_at=5.0, heartbeats={"java-1": 2, "node-1": 9}))
    assert strangers.are_present(5.0)
    assert strangers.names == {"java-1"}
    strangers.note(replace(first, answered_at=19.0, heartbeats={"java-1": 2}))
    assert strangers.are_present(19.9)
    assert not strangers.are_present(20.0)


def test_a_row_that_a_java_node_has_left_behind_is_nobody() -> None:
    strangers = Foreigners(window=15.0)
    for second in range(5):
        strangers.note(replace(look(at=float(second)), heartbeats={"java-1": 7}))
    assert not strangers.are_present(4.0)
