"""Opened datasources on the database of the running test."""

import gc
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import pytest
from servers.server import Database
from servers.settings import settings_of

from micro_integrator.cluster.schema import check_schema
from micro_integrator.database import Connection, DataSource

Connect = Callable[..., Awaitable[Connection]]


@pytest.fixture
async def source(database: Database) -> AsyncIterator[DataSource]:
    """The datasource of `database`, opened; no table exists."""
    opened = DataSource(settings_of(database))
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture
async def connect(source: DataSource) -> AsyncIterator[Connect]:
    """Opens dedicated connections that are closed after the test."""
    opened: list[Connection] = []

    async def one(**limits: float) -> Connection:
        opened.append(await source.connect(**limits))
        return opened[-1]

    yield one
    for connection in opened:
        await connection.close()


@pytest.fixture
async def connection(connect: Connect) -> Connection:
    """A dedicated connection."""
    return await connect()


@pytest.fixture
async def tables(connection: Connection) -> None:
    """The coordination tables."""
    await check_schema(connection, create_tables=True)


@pytest.fixture
def forgotten_sockets() -> Iterator[None]:
    """The driver of MariaDB forgets the socket of a connection that came to nothing; it is collected here.

    Otherwise a later test would be blamed for it.
    """
    yield
    _collect_quietly()


@pytest.fixture(scope="module")
def earlier_sockets() -> None:
    """What other tests of this worker have left behind is collected: it would be blamed on who makes keys next."""
    _collect_quietly()


def _collect_quietly() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
