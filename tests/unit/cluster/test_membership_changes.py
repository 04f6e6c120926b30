"""Who came and who went follows from two looks at the group; nothing is stored that could be lost."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from unit.cluster.rows_of_leases import lease, look

from micro_integrator.cluster.membership import Added, CoordinatorChanged, Removed, changes, is_older
from micro_integrator.cluster.snapshot import Snapshot

STATUSES = ("JOINING", "ACTIVE", "DRAINING", "LEFT", "EVICTED")
nodes = st.builds(
    lease,
    st.sampled_from(["node-1", "node-2", "node-3"]),
    st.sampled_from(["a", "b"]),
    status=st.sampled_from(STATUSES),
)
looks = st.lists(nodes, max_size=3, unique_by=lambda row: row.node_id).map(lambda rows: look(*rows))


def test_a_node_is_added_when_it_is_active_and_not_when_it_only_joins() -> None:
    joining, active = lease("node-2", status="JOINING"), lease("node-2")
    assert changes(look(), look(joining)) == []
    assert changes(look(joining), look(active)) == [Added(active)]
    assert changes(look(active), look(active)) == []


def test_a_draining_node_is_still_a_member_and_one_that_left_is_removed_once() -> None:
    active = lease("node-2")
    draining, left = lease("node-2", status="DRAINING"), lease("node-2", status="LEFT")
    assert changes(look(active), look(draining)) == []
    assert changes(look(draining), look(left)) == [Removed(draining)]
    assert changes(look(left), look()) == []


def test_a_restarted_node_is_removed_and_added() -> None:
    former, present = lease("node-2", "a"), lease("node-2", "b")
    assert changes(look(former), look(present)) == [Removed(former), Added(present)]


def test_a_change_of_the_leader_is_told_with_its_name() -> None:
    assert changes(look(leader="node-1"), look(leader="node-2")) == [CoordinatorChanged("node-2")]
    assert changes(look(leader="node-1", beat=1), look(leader="node-1", beat=2)) == []


@given(st.integers(0, 3), st.integers(0, 3))
def test_of_two_nodes_exactly_one_announces_the_other(one: int, other: int) -> None:
    first, second = lease("node-1", started=one), lease("node-2", started=other)
    assert is_older(first, second) != is_older(second, first)


@given(st.lists(looks, min_size=1, max_size=6))
def test_whoever_misses_looks_ends_with_the_same_members(seen: list[Snapshot]) -> None:
    step_by_step = set[str]()
    before: Snapshot | None = None
    for after in seen:
        for change in changes(before, after):
            match change:
                case Added(row):
                    step_by_step.add(row.boot_id)
                case Removed(row):
                    step_by_step.discard(row.boot_id)
                case CoordinatorChanged():
                    pass
        before = after
    at_once = {change.row.boot_id for change in changes(None, seen[-1]) if isinstance(change, Added)}
    assert step_by_step == at_once


@given(st.tuples(st.integers(0, 9), st.integers(0, 9)), st.tuples(st.integers(0, 9), st.integers(0, 9)))
def test_a_look_that_shows_a_smaller_number_than_an_earlier_one_comes_from_an_older_database(
    former: tuple[int, int], present: tuple[int, int]
) -> None:
    earlier, later = (replace(look(), seq=seq, fence_floor=floor) for seq, floor in (former, present))
    has_fallen = any(now < then for then, now in zip(former, present, strict=True))
    assert later.is_older_than(earlier) is has_fallen
