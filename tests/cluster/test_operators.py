"""What operators do to a task reaches its owner from whichever node they ask."""

from harness import Group, task_xml


def test_a_task_is_paused_triggered_and_activated_through_a_node_that_does_not_own_it(
    group: Group,
) -> None:
    owner, passive = group.home("node-1"), group.home("node-2")
    group.deploy("beat", task_xml("beat", every=1))
    owns = owner.start()
    group.sink.wait_for(1)
    asked = passive.start()

    assert asked.control("task", "pause", "beat").stdout == "Task [beat] is paused.\n"
    owns.wait_logged("Task paused: [ESB_TASK][beat]")
    fired = group.sink.keys("beat")
    assert asked.control("task", "trigger", "beat").stdout == "Task [beat] is triggered.\n"
    [by_hand] = [arrival for arrival in group.sink.of("beat") if arrival.key is None]
    assert (by_hand.trigger_seq, by_hand.node) == (1, "node-1")
    assert group.sink.keys("beat") == fired

    assert asked.control("task", "activate", "beat").stdout == "Task [beat] is activated.\n"
    group.sink.wait_for_more(2)
    owns.wait_logged("Task resumed: [ESB_TASK][beat]")
    assert {arrival.node for arrival in group.sink.of("beat")} == {"node-1"}
    assert group.sink.duplicates() == []
    assert group.unaccounted("beat") == set(), group.log()


def test_an_unknown_task_is_refused_with_the_name_that_was_meant(group: Group) -> None:
    home = group.home()
    home.deploy("beat", task_xml("beat", every=1))
    node = home.start()
    group.sink.wait_for(1)
    refused = node.control("task", "pause", "baet")
    assert refused.returncode == 1
    assert "There is no task [baet]" in refused.stderr
    assert "beat" in refused.stderr.replace("baet", "")
