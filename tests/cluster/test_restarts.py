"""What a node still knows after it was stopped, or killed, and started again."""

from harness import Group, Home, Node, task_xml

COUNT, BEFORE_THE_END = 10, 7
"""Fires of a counted task, and how many of them the first life makes (behaviour 43)."""


def test_a_node_that_stops_and_starts_at_once_is_a_full_member_without_an_error(group: Group) -> None:
    home = group.home()
    home.deploy("beat", task_xml("beat", every=1))
    node = home.start()
    group.sink.wait_for(1)
    assert node.stop() == 0
    again = home.start()
    group.sink.wait_for_more(1)
    again.wait_logged("Successfully joined the cluster with id [node-1]")
    assert not any(word in home.log() for word in (" ERROR ", "was claimed by", "Traceback"))


def test_completed_stay_completed_paused_stay_paused_and_counts_go_on_under_another_random_id(
    group: Group,
) -> None:
    home = group.home(node_id=None)
    node = _begin_work(home, group)
    assert node.stop() == 0
    _end_work(home, group)
    ids = {line.rpartition("[")[2] for life in home.lives for line in life.lines("Successfully joined")}
    assert len(ids) == 2, "a random id at each start"


def test_completed_stay_completed_paused_stay_paused_and_counts_go_on_after_a_kill(group: Group) -> None:
    home = group.home()
    node = _begin_work(home, group)
    node.kill()
    _end_work(home, group)


def _begin_work(home: Home, group: Group) -> Node:
    home.deploy("once", task_xml("once", once=True))
    home.deploy("quiet", task_xml("quiet", every=1))
    home.deploy("counted", task_xml("counted", every=1, count=COUNT))
    node = home.start()
    group.wait_for_row("once", lambda row: row.state == "COMPLETED")
    assert node.control("task", "pause", "quiet").stdout == "Task [quiet] is paused.\n"
    group.sink.wait_for(BEFORE_THE_END, "counted")
    return node


def _end_work(home: Home, group: Group) -> None:
    quiet = group.sink.keys("quiet")
    home.start()
    row = group.wait_for_row("counted", lambda row: row.state == "COMPLETED")
    assert row.fired_count == COUNT
    assert row.owner is None
    assert group.sink.duplicates() == []
    assert group.sink.keys("quiet") == quiet
    assert len(group.sink.of("once")) == 1
    # a body that was claimed and never began counts too; it is named
    executed = len(group.sink.of("counted"))
    named = group.unaccounted("counted"), home.log()
    assert named[0] == set(), named[1]
    assert COUNT - 1 <= executed <= COUNT
