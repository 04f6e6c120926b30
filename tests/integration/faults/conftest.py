"""The faults themselves under test: a database behind a proxy, and a sink with homes for the few that need a node."""

from collections.abc import AsyncIterator, Iterator

import pytest
from harness import Group, Proxy, Server, Sink
from integration.faults.things import CREATE, INSERT
from servers.server import Database
from servers.settings import settings_of

from micro_integrator.database import Connection, DataSource


@pytest.fixture(params=["postgresql", "mariadb"])
def kind(request: pytest.FixtureRequest) -> str:
    """The test runs once on each kind that is a server."""
    chosen: str = request.param
    return chosen


@pytest.fixture
def server(request: pytest.FixtureRequest, kind: str) -> Server:
    """The server that all tests share."""
    found: Server = request.getfixturevalue(kind)
    return found


@pytest.fixture
def database(request: pytest.FixtureRequest, server: Server) -> Database:
    """A fresh database on it."""
    found: Database = request.getfixturevalue(f"{server.kind}_database")
    return found


@pytest.fixture
def proxy(database: Database) -> Iterator[Proxy]:
    """Stands before the database."""
    with Proxy.before(database) as opened:
        yield opened


@pytest.fixture
async def direct(database: Database) -> AsyncIterator[Connection]:
    """A connection past the proxy; the table THINGS has the row (1, 0)."""
    connection = await DataSource(settings_of(database)).connect()
    await connection.changed(CREATE)
    await connection.changed(INSERT)
    yield connection
    await connection.close()


@pytest.fixture
def far(proxy: Proxy, database: Database) -> DataSource:
    """The data source of clients behind the proxy."""
    return DataSource(settings_of(proxy.rerouted(database)))


@pytest.fixture
async def client(far: DataSource, direct: Connection) -> AsyncIterator[Connection]:
    """A connection through the proxy."""
    connection = await far.connect()
    yield connection
    await connection.close()


@pytest.fixture
def group(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[Group]:
    """Homes on the database, with a short path because sockets are kept in them."""
    with Sink() as sink:
        made = Group(tmp_path_factory.mktemp("mi"), database, sink)
        yield made
        made.end()
