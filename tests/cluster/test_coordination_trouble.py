"""The coordination database is away, comes late, or says no: what needs it waits, everything else goes on."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from harness import Group, Node, Sink, task_xml
from servers.server import PrivateServer
from servers.sqlite import SQLiteFile

HERE = "-DSynapseServerName=here"
"""Makes tasks pinned to `here` work that needs no database."""

Server = PrivateServer | SQLiteFile
WITH_PASSWORDS = ["postgresql", "mariadb"]


@pytest.fixture(params=["sqlite", *WITH_PASSWORDS])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Server:
    """A database server that the test may stop."""
    if request.param == "sqlite":
        return SQLiteFile(tmp_path / "cluster.db")
    found: PrivateServer = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def group(server: Server, folder: Path, sink: Sink) -> Iterator[Group]:
    """Homes on a database of that server, which runs again after the test."""
    database = server.create_database()
    made = Group(folder, database, sink)
    yield made
    made.end()
    if not server.try_to_connect():
        server.start()
    server.drop_database(database)


def test_a_node_that_starts_without_its_database_works_for_itself_and_joins_when_it_appears(
    server: Server, group: Group
) -> None:
    home, sink = group.home(), group.sink
    home.deploy("beat", task_xml("beat", every=1))
    home.deploy("local", task_xml("local", every=1, pinned="here"))
    server.stop()
    node = home.start(HERE)
    sink.wait_for(2, "local")
    assert node.probe("/liveness")[0] == 200
    assert sink.of("beat") == []
    node.wait_logged("could not join to the cluster")
    assert len(node.lines("could not join to the cluster")) == 1, "told once a minute while it stands"
    server.start()
    sink.wait_for(2, "beat")
    assert sink.keys("beat")[0] == 0
    node.wait_logged("Successfully joined the cluster with id [node-1]")
    _is_calm(node)


def test_while_the_database_is_away_coordinated_tasks_stop_by_the_deadline_and_go_on_by_themselves(
    server: Server, group: Group
) -> None:
    home, sink = group.home(), group.sink
    home.deploy("beat", task_xml("beat", every=1))
    home.deploy("local", task_xml("local", every=1, pinned="here"))
    node = home.start(HERE)
    sink.wait_for(2, "beat")
    server.stop()
    node.wait_logged("Lease of node [node-1] expired; coordinated tasks stopped")
    fired = sink.keys("beat")
    sink.wait_for_more(2, "local")
    assert sink.keys("beat") == fired
    server.start()
    sink.wait_for_more(2, "beat")
    node.wait_logged("Re-joined the cluster successfully.")
    assert sink.duplicates() == []
    assert group.unaccounted("beat") == set(), node.log()
    _is_calm(node)


@pytest.mark.parametrize("server", WITH_PASSWORDS, indirect=True)
def test_a_wrong_password_is_one_line_without_the_password_and_harms_nothing_else(group: Group) -> None:
    assert group.database is not None
    group.database = replace(group.database, password="not-the-one")
    home = group.home()
    home.deploy("local", task_xml("local", every=1, pinned="here"))
    node = home.start(HERE)
    group.sink.wait_for(2, "local")
    told = node.wait_logged(" ERROR ", "could not join to the cluster")
    assert "password" in told.lower()
    assert "not-the-one" not in node.log()
    assert len(node.lines(" ERROR ")) == 1
    _is_calm(node)


def _is_calm(node: Node) -> None:
    assert "Traceback" not in node.log()
    assert node.stop() == 0
