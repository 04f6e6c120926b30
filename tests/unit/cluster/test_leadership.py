"""Who leads: the row says so as long as its node is an ACTIVE member that finishes its passes."""

import pytest
from unit.cluster.rows_of_leases import lease, look

from micro_integrator.cluster.identity import Identity, ProcessMark
from micro_integrator.cluster.leadership import Candidacy, Leadership
from micro_integrator.database import DataSource

ME, OTHER = lease("node-1"), lease("node-2")
WINDOW = 3.0


@pytest.fixture
def mine() -> Leadership:
    """The part of node-1 in the election; judging needs no database."""
    identity = Identity("node-1", "default", ProcessMark("h", "k", "p", 1, 1), WINDOW / 3, 3)
    return Leadership(identity, DataSource.__new__(DataSource))


def test_without_a_leader_an_active_node_stands(mine: Leadership) -> None:
    assert mine.judge(look(ME)) is Candidacy.STAND


def test_an_active_leader_is_followed_and_my_own_row_means_that_i_lead(mine: Leadership) -> None:
    assert mine.judge(look(ME, OTHER, leader="node-2")) is Candidacy.FOLLOW
    assert mine.judge(look(ME, OTHER, leader="node-1")) is Candidacy.LEAD


@pytest.mark.parametrize("status", ["JOINING", "DRAINING", "LEFT", "EVICTED"])
def test_a_leader_that_is_no_active_member_is_replaced_at_once(mine: Leadership, status: str) -> None:
    other = lease("node-2", status=status)
    assert mine.judge(look(ME, other, leader="node-2")) is Candidacy.REPLACE


def test_a_leader_without_a_lease_is_replaced_at_once(mine: Leadership) -> None:
    assert mine.judge(look(ME, leader="node-9")) is Candidacy.REPLACE


def test_a_leader_that_finishes_no_pass_is_replaced_after_the_window_on_my_clock(mine: Leadership) -> None:
    for second in (0.0, 1.0, 2.0, 3.0):
        assert mine.judge(look(ME, OTHER, at=second, leader="node-2", beat=7)) is Candidacy.FOLLOW
    assert mine.judge(look(ME, OTHER, at=3.1, leader="node-2", beat=7)) is Candidacy.REPLACE


def test_every_finished_pass_starts_the_wait_anew(mine: Leadership) -> None:
    mine.judge(look(ME, OTHER, at=0.0, leader="node-2", beat=7))
    mine.judge(look(ME, OTHER, at=2.9, leader="node-2", beat=8))
    assert mine.judge(look(ME, OTHER, at=5.8, leader="node-2", beat=8)) is Candidacy.FOLLOW
