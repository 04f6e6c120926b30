"""Which nodes get tasks when the resolver is not the default one."""

from collections import Counter

from harness import Group, Home, task_xml, wait_until

TASKS = tuple(f"task-{number}" for number in range(5))
OWNERS = "SELECT TASK_NAME, OWNER_NODE_ID FROM MI_TASK_FENCE ORDER BY TASK_NAME"
JAVA = "org.wso2.micro.integrator.ntask.coordination.task.resolver."


def test_with_the_task_node_resolver_every_task_is_scheduled_when_the_nodes_start_at_the_same_moment(
    group: Group,
) -> None:
    homes = [_home(group, name, "task_node", task_nodes="node-1,node-2") for name in ("node-1", "node-2")]
    for task in TASKS:
        group.deploy(task, task_xml(task, every=1))
    nodes = [home.begin() for home in homes]
    for task in TASKS:
        group.sink.wait_for(2, task)
    scheduled = [node.lines("Task scheduled: [ESB_TASK][") for node in nodes]
    assert sum(map(len, scheduled)) >= len(TASKS)
    assert [task for task, owner in group.rows(OWNERS) if owner] == list(TASKS)
    assert group.sink.duplicates() == []
    assert not any(" ERROR " in node.log() for node in nodes)


def test_with_round_robin_tasks_wait_for_enough_servers_and_are_then_spread_over_them(group: Group) -> None:
    one, other = (
        _home(group, name, f"{JAVA}RoundRobinResolver", task_server_count="2")
        for name in ("node-1", "node-2")
    )
    for task in TASKS:
        group.deploy(task, task_xml(task, every=1))
    alone = one.start()
    alone.wait_logged("Waiting for 2 nodes to resolve the tasks. Only 1 node(s) available cluster ...")
    wait_until(lambda: group.rows(OWNERS) == [(task, None) for task in TASKS], "a row for each task")
    assert group.sink.arrivals == []
    second = other.start()
    wait_until(lambda: sorted(_load(group).values()) == [2, 3], "all tasks spread")
    for task in TASKS:
        group.sink.wait_for(1, task)

    lost = {task for task, owner in group.rows(OWNERS) if owner == "node-2"}
    second.kill()  # what it had waits for the number again; what node-1 has goes on
    wait_until(
        lambda: {task for task, owner in group.rows(OWNERS) if owner is None} == lost, "its tasks waiting"
    )
    kept = next(task for task in TASKS if task not in lost)
    group.sink.wait_for_more(2, kept)
    other.start()
    wait_until(lambda: sorted(_load(group).values()) == [2, 3], "all tasks spread again")
    assert group.sink.duplicates() == []


def test_tasks_run_on_the_listed_nodes_only_and_wait_while_none_of_them_is_there(group: Group) -> None:
    names = ("node-2", "node-4")
    listed, stranger = (
        _home(group, name, f"{JAVA}TaskNodeResolver", task_nodes="node-1,node-2 ,node-3") for name in names
    )
    group.deploy("beat", task_xml("beat", every=1))
    waiting = stranger.start()
    told = "No nodes defined in the task_nodes is found in the cluster. Hence can't resolve a location"
    waiting.wait_logged(f"{told} for the task beat")
    assert group.sink.arrivals == []
    for _ in range(2):
        node = listed.start()
        group.sink.wait_for_more(2, "beat")
        assert node.stop() == 0
        row = group.row("beat")
        assert row is not None
        assert row.owner is None, "nobody in the list is left"
    assert {arrival.node for arrival in group.sink.arrivals} == {"node-2"}
    assert not waiting.lines("Task scheduled: [ESB_TASK][beat]")
    assert group.sink.duplicates() == []


def _home(group: Group, name: str, resolver: str, **properties: str) -> Home:
    settings = {"task_handling": {"resolver_class": resolver}, "task_resolver": properties}
    return group.home(name, settings=settings)


def _load(group: Group) -> Counter[str]:
    return Counter(owner for _, owner in group.rows(OWNERS) if owner)
