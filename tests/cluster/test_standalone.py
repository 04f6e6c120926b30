"""A node without a coordination database."""

from harness import Group, named_keys, task_xml

COORDINATION = (
    "TasksDSComponent",
    "RDBMSCoordinationStrategy",
    "ClusterCoordinator",
    "LeaseManager",
    "ClusterTime",
)
"""Loggers of what happens in a group only."""


def test_a_node_without_the_datasource_fires_its_tasks_and_speaks_of_no_coordination(alone: Group) -> None:
    home, sink = alone.home(), alone.sink
    home.deploy("beat", task_xml("beat", every=1))
    home.deploy("once", task_xml("once", once=True))
    home.deploy("counted", task_xml("counted", every=1, count=2))
    home.deploy("cron", task_xml("cron", cron="* * * * * ?"))
    node = home.start()
    sink.wait_for(3, "beat")
    sink.wait_for(2, "counted")
    sink.wait_for(1, "cron")
    assert node.control("task", "pause", "beat").returncode == 0
    assert node.control("task", "trigger", "beat").returncode == 0
    assert [arrival.trigger_seq for arrival in sink.of("beat") if arrival.key is None] == [1]
    assert [len(sink.of(task)) for task in ("once", "counted")] == [1, 2]
    assert not [logger for logger in COORDINATION if node.lines(f"{{{logger}}}")]
    assert not node.lines("joined the cluster")
    assert node.stop() == 0


def test_a_node_that_is_alone_keeps_keys_counts_and_pauses_across_a_kill(alone: Group) -> None:
    home, sink = alone.home(), alone.sink
    home.deploy("once", task_xml("once", once=True))
    home.deploy("quiet", task_xml("quiet", every=1))
    home.deploy("beat", task_xml("beat", every=1))
    node = home.start()
    sink.wait_for(1, "once")
    node.control("task", "pause", "quiet")
    sink.wait_for_more(2, "beat")
    node.kill()
    quiet = sink.keys("quiet")
    home.start()
    sink.wait_for_more(2, "beat")
    assert sink.duplicates() == []
    assert sink.keys("quiet") == quiet
    assert len(sink.of("once")) == 1
    assert set(sink.gaps("beat")) <= named_keys(home.life_logs(), "beat"), home.log()
