"""A sink, and homes on one database whose nodes end with the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import Group, Server, Sink
from servers.server import Database


@pytest.fixture
def sink() -> Iterator[Sink]:
    """Where the tasks of the test report."""
    with Sink() as opened:
        yield opened


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a short path, because sockets are kept in homes."""
    return tmp_path_factory.mktemp("mi")


@pytest.fixture
def server(request: pytest.FixtureRequest, database: Database) -> Server:
    """The server of `database`, which all tests share: not to be stopped."""
    found: Server = request.getfixturevalue(database.kind)
    return found


@pytest.fixture
def group(folder: Path, database: Database, sink: Sink) -> Iterator[Group]:
    """Homes on one database; the test runs once on each kind."""
    yield from _group_on(database, folder, sink)


@pytest.fixture
def alone(folder: Path, sink: Sink) -> Iterator[Group]:
    """Homes without a coordination database."""
    yield from _group_on(None, folder, sink)


def _group_on(database: Database | None, folder: Path, sink: Sink) -> Iterator[Group]:
    made = Group(folder, database, sink)
    yield made
    made.end()
