"""The first occurrence is one like any other: nothing may swallow it while the node is still getting ready."""

from harness import Group, task_xml

MANY = 30


def test_no_first_fire_is_lost_while_a_node_starts_with_many_tasks(group: Group) -> None:
    home, sink = group.home(), group.sink
    tasks = [f"beat-{number:02}" for number in range(MANY)]
    for task in tasks:
        home.deploy(task, task_xml(task, every=1))
    home.deploy("once", task_xml("once", once=True))
    home.begin()
    sink.wait_for(2 * MANY)
    assert len(sink.wait_for(1, "once")) == 1
    for task in tasks:
        assert sink.keys(task)[0] == 0
        assert group.unaccounted(task) == set()


def test_a_task_deployed_before_its_sequence_fires_and_says_what_is_missing(group: Group) -> None:
    home = group.home()
    home.deploy("early", task_xml("early", every=1, sequence="not-there-yet"))
    home.deploy("beat", task_xml("beat", every=1))
    node = home.start()
    node.wait_logged(" ERROR ", "Sequence: not-there-yet not found")
    group.wait_for_row("early", lambda row: row.last_state == "FAILED")
    group.sink.wait_for_more(1, "beat")
