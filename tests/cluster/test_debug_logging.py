"""What is logged changes nothing of what is done (bug after coordination 2.3)."""

from harness import Group, on, task_xml


@on("mariadb", because="what is logged does not depend on where the rows are kept")
def test_with_debug_logging_tasks_are_paused_resumed_completed_and_released_all_the_same(
    group: Group,
) -> None:
    home = group.home(settings={"logging": {"level": "DEBUG"}})
    home.deploy("beat", task_xml("beat", every=1))
    home.deploy("once", task_xml("once", once=True))
    node = home.start()
    group.wait_for_row("once", lambda row: row.state == "COMPLETED")
    group.sink.wait_for(1, "beat")
    assert node.control("task", "pause", "beat").stdout == "Task [beat] is paused.\n"
    paused = group.row("beat")
    assert paused is not None
    assert paused.state == "PAUSED"
    fired = group.sink.keys("beat")
    assert node.control("task", "activate", "beat").stdout == "Task [beat] is activated.\n"
    group.sink.wait_for_more(1, "beat")
    assert group.sink.keys("beat")[: len(fired)] == fired
    assert node.lines(" DEBUG "), "the level is what it should be"
    assert node.stop() == 0
    released = group.row("beat")
    assert released is not None
    assert (released.owner, released.state, released.last_state) == (None, "NONE", "DONE")
    assert group.sink.duplicates() == []
    assert "Traceback" not in home.log()
