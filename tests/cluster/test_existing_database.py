"""A database that WSO2's own scripts have made, or that a script has made by half."""

from harness import Group, create_tables, execute, on, task_xml, wait_until
from servers.scripts import script_for
from servers.server import Database

BY_SCRIPT = {"cluster_config": {"create_tables": False}}
NO_SCRIPT = "WSO2 has no script for it"
BASE_TABLES = (
    """
    CREATE TABLE LEADER_STATUS_TABLE (
        GROUP_ID VARCHAR(512) NOT NULL, NODE_ID VARCHAR(512) NOT NULL, LAST_HEARTBEAT BIGINT NOT NULL,
        PRIMARY KEY (GROUP_ID))
    """,
    """
    CREATE TABLE CLUSTER_NODE_STATUS_TABLE (
        GROUP_ID VARCHAR(512) NOT NULL, NODE_ID VARCHAR(512) NOT NULL, IS_NEW_NODE INT NOT NULL,
        LAST_HEARTBEAT BIGINT NOT NULL, PRIMARY KEY (GROUP_ID, NODE_ID))
    """,
    """
    CREATE TABLE MEMBERSHIP_EVENT_TABLE (
        GROUP_ID VARCHAR(512) NOT NULL, NODE_ID VARCHAR(512) NOT NULL, CHANGE_TYPE INT NOT NULL,
        CHANGED_MEMBER_ID VARCHAR(512) NOT NULL)
    """,
    """
    CREATE TABLE REMOVED_MEMBERS_TABLE (
        GROUP_ID VARCHAR(512) NOT NULL, NODE_ID VARCHAR(512) NOT NULL, REMOVED_MEMBER_ID VARCHAR(512) NOT NULL)
    """,
    """
    CREATE TABLE COORDINATED_TASK_TABLE (
        TASK_NAME VARCHAR(512) NOT NULL, DESTINED_NODE_ID VARCHAR(512), TASK_STATE VARCHAR(32),
        PRIMARY KEY (TASK_NAME))
    """,
)
LEFT_BEHIND = (
    "INSERT INTO LEADER_STATUS_TABLE (GROUP_ID, NODE_ID, LAST_HEARTBEAT) VALUES ('default', 'java-1', 1587114549000)",
    """
    INSERT INTO CLUSTER_NODE_STATUS_TABLE (GROUP_ID, NODE_ID, IS_NEW_NODE, LAST_HEARTBEAT)
    VALUES ('default', 'java-1', 0, 1587114549000)
    """,
    "INSERT INTO COORDINATED_TASK_TABLE (TASK_NAME, DESTINED_NODE_ID, TASK_STATE) VALUES ('beat', 'java-1', 'RUNNING')",
)
"""By the Java nodes that used it before."""


@on("postgresql", "mariadb", because=NO_SCRIPT)
def test_on_a_database_of_wso2_with_the_added_tables_tasks_run_and_its_own_queries_tell_the_truth(
    group: Group, database: Database
) -> None:
    if database.kind == "mariadb":  # as the documentation demands: in longer characters the keys are too long
        execute(database, f"ALTER DATABASE {database.url.rpartition('/')[2]} CHARACTER SET latin1")
    for statement in (*BASE_TABLES, *LEFT_BEHIND):
        execute(database, statement)
    for _ in range(2):
        create_tables(database, "cluster_mi")

    homes = [group.home(name, settings=BY_SCRIPT) for name in ("node-1", "node-2")]
    for task in ("beat", "quiet"):
        group.deploy(task, task_xml(task, every=1))
    group.deploy("once", task_xml("once", once=True))
    nodes = [homes[0].start()]
    nodes.append(homes[1].start())
    group.sink.wait_for(2, "beat")
    assert nodes[1].control("task", "pause", "quiet").returncode == 0
    tasks = [("beat", "node-1", "RUNNING"), ("once", None, "COMPLETED"), ("quiet", "node-1", "PAUSED")]
    wait_until(lambda: _tasks(group) == tasks, lambda: f"the true state of the tasks, not {_tasks(group)}")
    assert _leader(group) == ["node-1"]
    wait_until(lambda: _live_members(group) == ["node-1", "node-2"], "both members live")

    assert nodes[0].stop() == 0
    tasks = [("beat", "node-2", "RUNNING"), ("once", None, "COMPLETED"), ("quiet", "node-2", "PAUSED")]
    wait_until(lambda: _tasks(group) == tasks, lambda: f"the tasks of the heir, not {_tasks(group)}")
    wait_until(lambda: _leader(group) == ["node-2"], "the heir leading")
    assert _live_members(group) == ["node-2"]
    for mail in ("MEMBERSHIP_EVENT_TABLE", "REMOVED_MEMBERS_TABLE"):
        assert group.rows(f"SELECT * FROM {mail}") == []
    assert group.sink.duplicates() == []
    assert not any(" ERROR " in node.log() for node in nodes)


def test_a_script_applied_by_half_is_told_with_the_table_and_the_script_and_then_run_again(
    group: Group, database: Database
) -> None:
    create_tables(database)
    execute(database, "DROP TABLE MI_CLUSTER_SIGNAL")
    home = group.home(settings=BY_SCRIPT)
    home.deploy("beat", task_xml("beat", every=1))
    node = home.start()
    told = node.wait_logged(" ERROR ", "could not join to the cluster")
    assert "MI_CLUSTER_SIGNAL" in told
    assert script_for(database.kind, "cluster_mi") in told
    create_tables(database, "cluster_mi")
    group.sink.wait_for(1, "beat")
    assert len(node.lines(" ERROR ")) == 1
    assert "Traceback" not in node.log()


# in the shape of what WSO2's nodes and operators ask


def _leader(group: Group) -> list[str]:
    """Who leads, if its heart-beat is younger than the lease."""
    found = group.rows("SELECT NODE_ID FROM LEADER_STATUS_TABLE WHERE GROUP_ID = 'default'")
    return [node for (node,) in found]


def _live_members(group: Group) -> list[str]:
    """All nodes of the group whose heart-beat is younger than their lease, by the database's clock."""
    found = group.rows("SELECT * FROM CLUSTER_NODE_STATUS_TABLE WHERE GROUP_ID = 'default' ORDER BY NODE_ID")
    newest = max(heartbeat for *_, heartbeat in found)
    return [node for _, node, is_new, heartbeat in found if not is_new and newest - heartbeat < 3000]


def _tasks(group: Group) -> list[tuple[str, str | None, str]]:
    sql = "SELECT TASK_NAME, DESTINED_NODE_ID, TASK_STATE FROM COORDINATED_TASK_TABLE ORDER BY TASK_NAME"
    return [(name, owner, state) for name, owner, state in group.rows(sql)]
