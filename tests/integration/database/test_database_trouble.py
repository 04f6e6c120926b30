"""Servers that are away, refuse, restart, or end sessions: one clear error each, and a way on."""

import asyncio
import socket
import threading
from dataclasses import replace

import pytest
from servers.mariadb import MariaDBServer
from servers.postgresql import PostgreSQLServer
from servers.server import Database
from servers.settings import settings_of

from micro_integrator.database import Connection, DataSource, OutcomeUnknown, Refused, Statement, Unreachable

ONE = Statement("SELECT 1")
WRITE = Statement("CREATE TABLE THINGS (ID INT)")
SESSION = Statement("SELECT 1", postgresql="SELECT pg_backend_pid()", mysql="SELECT CONNECTION_ID()")
Server = PostgreSQLServer | MariaDBServer

pytestmark = pytest.mark.usefixtures("forgotten_sockets")


@pytest.fixture(params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Server:
    found: Server = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def on_server(request: pytest.FixtureRequest, server: Server) -> Database:
    found: Database = request.getfixturevalue(f"{server.kind}_database")
    return found


async def refusal_of(database: Database) -> Refused:
    source = DataSource(settings_of(database))
    with pytest.raises(Refused) as refused:
        await source.connect()
    assert "\n" not in str(refused.value)
    return refused.value


async def test_a_wrong_password_is_refused_without_showing_it(on_server: Database) -> None:
    refusal = await refusal_of(replace(on_server, password="not-this-one"))
    assert "not-this-one" not in str(refusal)
    assert on_server.username in str(refusal)


async def test_an_unknown_database_is_refused_by_name(on_server: Database) -> None:
    refusal = await refusal_of(replace(on_server, url=on_server.url + "_absent"))
    assert "_absent" in str(refusal)


async def test_a_closed_port_is_unreachable(on_server: Database) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        scheme, _, name = on_server.url.partition("127.0.0.1:")
        source = DataSource(settings_of(on_server, url=f"{scheme}127.0.0.1:{port}/{name.partition('/')[2]}"))
        with pytest.raises(Unreachable, match=f"127.0.0.1:{port}"):
            await source.connect()


async def test_a_server_that_never_answers_costs_the_connect_time_and_no_more(on_server: Database) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        source = DataSource(settings_of(on_server, url=f"jdbc:{on_server.kind}://127.0.0.1:{port}/x"))
        async with asyncio.timeout(5):
            with pytest.raises(Unreachable, match=r"no connection within 0\.3 s"):
                await source.connect(connect_timeout=0.3)


async def test_a_session_that_was_ended_shows_as_unreachable_and_a_new_one_works(
    server: Server, on_server: Database
) -> None:
    source = DataSource(settings_of(on_server))
    connection = await source.connect()
    [[session]] = await connection.rows(SESSION)
    server.kill_session(session)
    with pytest.raises(Unreachable):
        await connection.rows(ONE)
    fresh = await source.connect()
    assert await fresh.rows(ONE) == [(1,)]
    await fresh.close()


async def test_a_session_ended_under_a_write_leaves_its_outcome_unknown(
    server: Server, on_server: Database
) -> None:
    source = DataSource(settings_of(on_server))
    connection = await source.connect()
    [[session]] = await connection.rows(SESSION)
    server.kill_session(session)
    with pytest.raises(OutcomeUnknown):
        await connection.changed(WRITE)


async def test_the_pool_recovers_after_its_sessions_were_ended(server: Server, on_server: Database) -> None:
    source = DataSource(settings_of(on_server))
    await source.open()
    [[session]] = await source.rows(SESSION)
    server.kill_session(session)
    with pytest.raises(Unreachable):
        await source.rows(ONE)
    assert await source.rows(ONE) == [(1,)]
    await source.close()


async def test_everyday_pools_test_a_connection_before_they_lend_it(
    server: Server, on_server: Database
) -> None:
    source = DataSource(settings_of(on_server, id="ORDERS"))
    await source.open()
    [[session]] = await source.rows(SESSION)
    server.kill_session(session)
    assert await source.rows(ONE) == [(1,)]
    await source.close()


@pytest.mark.parametrize("kind", [PostgreSQLServer, MariaDBServer])
async def test_a_restarted_server_is_found_again(kind: type[Server], request: pytest.FixtureRequest) -> None:
    request.getfixturevalue(
        "postgresql" if kind is PostgreSQLServer else "mariadb"
    )  # skips where there is none
    server = kind()
    try:
        server.start()
        source = DataSource(settings_of(server.create_database()))
        await source.open()
        assert await source.rows(ONE) == [(1,)]
        server.stop()
        with pytest.raises(Unreachable):
            await source.rows(ONE)
        with pytest.raises(Unreachable):
            await source.rows(ONE)
        server.start()
        assert await source.rows(ONE) == [(1,)]
        await source.close()
    finally:
        server.remove()


async def test_a_statement_can_be_aborted_while_it_runs(on_server: Database) -> None:
    source = DataSource(settings_of(on_server))
    connection = await source.connect()
    sleeping = Statement("", postgresql="SELECT pg_sleep(20)", mysql="SELECT SLEEP(20)")
    running = asyncio.ensure_future(connection.rows(sleeping))
    await asyncio.sleep(0.1)
    connection.abort()
    async with asyncio.timeout(5):
        with pytest.raises(Unreachable, match="aborted"):
            await running


async def test_a_cancelled_statement_takes_its_connection_with_it(on_server: Database) -> None:
    source = DataSource(settings_of(on_server))
    await source.open()
    sleeping = Statement("", postgresql="SELECT pg_sleep(20)", mysql="SELECT SLEEP(20)")
    for _ in range(3):  # the pool has two places
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await source.rows(sleeping)
    assert await source.rows(ONE) == [(1,)]
    await source.close()


async def test_a_datasource_serves_two_loops_at_once(source: DataSource) -> None:
    answers: list[object] = []

    async def in_a_loop_of_its_own() -> None:
        connection: Connection = await source.connect()
        answers.extend(await connection.rows(ONE))
        await connection.close()

    thread = threading.Thread(target=lambda: asyncio.run(in_a_loop_of_its_own()))
    thread.start()
    assert await source.rows(ONE) == [(1,)]
    await asyncio.to_thread(thread.join)
    assert answers == [(1,)]


async def test_ten_selects_are_ten_statements_on_postgresql(
    postgresql: PostgreSQLServer, postgresql_database: Database
) -> None:
    source = DataSource(settings_of(postgresql_database))
    await source.open()
    await source.rows(ONE)
    name = postgresql_database.url.rpartition("/")[2]
    count = """
        SELECT COALESCE(SUM(calls), 0) FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
         WHERE d.datname = $1
    """
    postgresql.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
    [[before]] = postgresql.execute(count, name)
    for _ in range(10):
        await source.rows(ONE)
    [[after]] = postgresql.execute(count, name)
    assert after - before == 10
    await source.close()


async def test_ten_selects_are_ten_statements_on_mariadb(mariadb_database: Database) -> None:
    source = DataSource(settings_of(mariadb_database))
    await source.open()
    questions = Statement("SHOW SESSION STATUS LIKE 'Questions'")
    await source.rows(ONE)
    [[_, before]] = await source.rows(questions)
    for _ in range(10):
        await source.rows(ONE)
    [[_, after]] = await source.rows(questions)
    assert int(after) - int(before) == 11  # ten and the question itself
    await source.close()
