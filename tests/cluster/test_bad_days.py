"""What goes wrong around a node: each thing is one clear line, no stack trace, and nothing else suffers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness import Group, Home, create_tables, on, task_xml
from servers.scripts import script_for
from servers.server import Database
from servers.settings import settings_of

from micro_integrator.database import DataSource, Refused
from micro_integrator.database.dialects import sqlite

FAILING = """
class Work:
    def execute(self):
        raise RuntimeError("the body fails each time")
"""


def test_a_body_that_fails_ends_no_schedule(group: Group) -> None:
    home = group.home()
    home.add_module("failing", FAILING)
    home.deploy("failing", task_xml("failing", every=1, task_class="failing:Work"))
    home.deploy("beat", task_xml("beat", every=1))
    node = home.start()
    group.wait_for_row("failing", lambda row: row.fired_count >= 3)
    group.wait_for_row("failing", lambda row: row.last_state == "FAILED")
    assert group.sink.gaps("beat") == []
    node.wait_logged(" ERROR ", "the body fails each time")


@on("sqlite", because="log files lie beside the database, not in it")
def test_a_full_disk_costs_lines_of_the_log_files_and_nothing_else(group: Group) -> None:
    home, sink = group.home(), group.sink
    home.deploy("beat", task_xml("beat", every=1))
    logs = home.root / "repository" / "logs"
    logs.mkdir(parents=True)
    for name in ("wso2carbon.log", "wso2error.log", "audit.log"):
        (logs / name).symlink_to("/dev/full")
    node = home.start()
    sink.wait_for(3, "beat")
    node.wait_logged("wso2carbon.log cannot be written (No space left on device)")
    assert len(node.lines("wso2carbon.log cannot be written")) == 1
    assert sink.gaps("beat") == []
    assert "Traceback" not in node.log()
    assert node.stop() == 0


@on("sqlite", because="the start ends before the database is opened")
def test_a_home_that_cannot_be_written_is_refused_with_the_variable_that_helps(group: Group) -> None:
    home = group.home()
    with _read_only(home):
        node = home.begin()
        assert node.wait() == 1
    [told] = node.lines(" ERROR ")
    assert "The pid file" in told
    assert "cannot be written" in told
    assert "MI_PID_FILE may name another place" in told
    assert "Traceback" not in node.log()


@on("sqlite", because="the files of a home are not in the database")
def test_a_read_only_home_fires_its_tasks_when_the_pid_file_is_elsewhere(
    group: Group, tmp_path: Path
) -> None:
    home = group.home()
    home.deploy("beat", task_xml("beat", every=1))
    with _read_only(home):
        node = home.begin(MI_PID_FILE=str(tmp_path / "pid"))
        group.sink.wait_for(2, "beat")
        node.wait_logged("wso2carbon.log cannot be written (Permission denied)")
        node.wait_logged("micro-integrator.sock cannot be opened", "set MI_SOCKET")
        assert not node.lines(" ERROR ")
        assert node.stop() == 0


def test_a_node_that_is_alone_says_that_it_cannot_keep_its_state_and_goes_on_when_it_can(
    alone: Group,
) -> None:
    home = alone.home()
    home.deploy("beat", task_xml("beat", every=1))
    registry = home.root / "registry"
    registry.mkdir(mode=0o555)
    node = home.start()
    node.wait_logged(" ERROR ", "registry/local/tasks.json", "Permission denied")
    assert alone.sink.arrivals == []
    registry.chmod(0o755)
    alone.sink.wait_for(2, "beat")
    assert alone.sink.keys("beat")[0] == 0
    assert "Traceback" not in node.log()


async def test_an_sqlite_file_on_a_network_share_is_refused_by_the_kind_of_the_share(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "network_file_system", lambda path: "nfs4")
    source = DataSource(settings_of(sqlite_database))
    with pytest.raises(Refused, match=r"lies on a network share \(nfs4\).*name a local path"):
        await source.open()


@on("sqlite", because="the others lie in no folder of ours")
def test_a_coordination_database_in_a_missing_folder_ends_the_start_in_one_line(group: Group) -> None:
    group.database = Database("sqlite", "jdbc:sqlite:absent/cluster.db", "", "")
    node = group.home().begin()
    assert node.wait() != 0
    [told] = node.lines("absent")
    assert "does not exist; create it" in told
    assert "Traceback" not in node.log()


def test_a_missing_table_names_the_script_that_makes_it_and_the_node_joins_once_it_was_run(
    group: Group, database: Database
) -> None:
    home = group.home(settings={"cluster_config": {"create_tables": False}})
    home.deploy("beat", task_xml("beat", every=1))
    node = home.start()
    told = node.wait_logged(" ERROR ", "could not join to the cluster")
    assert script_for(database.kind) in told
    create_tables(database)
    group.sink.wait_for(1, "beat")
    assert "Traceback" not in node.log()


@contextmanager
def _read_only(home: Home) -> Iterator[None]:
    folders = [home.root, *(place for place in home.root.rglob("*") if place.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    try:
        yield
    finally:
        for folder in folders:
            folder.chmod(0o755)
