"""Real databases for every test that asks for one: `database` runs it once per kind.

Tests run in several worker processes. Each has its own servers, started when its first test asks: a pair costs two
seconds, and a test may stop a server without harm to any other.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest
from harness import MakeClock, MakeServer, Server, WallClock, own_server
from hypothesis import settings
from servers.fetch import ServerMissing
from servers.mariadb import MariaDBServer
from servers.postgresql import PostgreSQLServer
from servers.server import Database, PrivateServer

_Made = TypeVar("_Made")
UNIT = Path(__file__).with_name("unit")
WORKERS = 6
"""Three times the processors of a small machine, because the longest tests wait for what other processes do."""

settings.register_profile("busy machine", deadline=None)
settings.load_profile("busy machine")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return how many workers to start: none for files asked for by name, nor for tests that never wait."""
    asked_for = [Path(argument.partition("::")[0]).resolve() for argument in config.args]
    quick = all(place.is_file() or place.is_relative_to(UNIT) for place in asked_for)
    return 0 if quick else WORKERS


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what tests of random runs have recorded as `seen`, so that a run in which little happened is noticed."""
    reports = terminalreporter.getreports("passed")
    seen = [str(text) for report in reports for name, text in report.user_properties if name == "seen"]
    if seen:
        terminalreporter.section("seen by tests of random runs")
        terminalreporter.write_line("\n".join(sorted(seen)))


def _running(kind: type[PostgreSQLServer] | type[MariaDBServer]) -> Iterator[Any]:
    server = _or_skip(kind)
    try:
        server.start()
        yield server
    finally:
        server.remove()


def _or_skip(make: Callable[[], _Made]) -> _Made:
    try:
        return make()
    except ServerMissing as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer]:
    """The private PostgreSQL server of this process."""
    yield from _running(PostgreSQLServer)


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDBServer]:
    """The private MariaDB server of this process."""
    yield from _running(MariaDBServer)


def _database_on(server: PrivateServer) -> Iterator[Database]:
    database = server.create_database()
    yield database
    server.drop_database(database)


@pytest.fixture
def sqlite_database(tmp_path: Path) -> Database:
    """A fresh SQLite file."""
    return Database("sqlite", f"jdbc:sqlite:{tmp_path / 'cluster.db'}", "", "")


@pytest.fixture
def postgresql_database(postgresql: PostgreSQLServer) -> Iterator[Database]:
    """A fresh database on the private PostgreSQL server."""
    yield from _database_on(postgresql)


@pytest.fixture
def mariadb_database(mariadb: MariaDBServer) -> Iterator[Database]:
    """A fresh database on the private MariaDB server."""
    yield from _database_on(mariadb)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database(request: pytest.FixtureRequest) -> Database:
    """A fresh, empty database: the test runs once on each kind."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


@pytest.fixture
def make_server() -> Iterator[MakeServer]:
    """Makes servers that belong to this test alone; `make_server(kind)` returns one that is not yet started."""
    with ExitStack() as made:

        def make(kind: str) -> Server:
            return _or_skip(lambda: made.enter_context(own_server(kind)))

        yield make


@pytest.fixture
def make_clock() -> MakeClock:
    """Makes wall clocks: for a server, or with its file in a folder."""

    def make(whose: Path | PrivateServer) -> WallClock:
        return _or_skip(lambda: WallClock(whose) if isinstance(whose, Path) else WallClock.of(whose))

    return make
