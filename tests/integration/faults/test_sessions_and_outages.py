"""Single sessions that end, and servers that restart, crash or stand still."""

import asyncio
import os

import pytest
from harness import Frozen, MakeServer, Proxy, Server, Sessions, crash
from harness.sessions import client_ports
from integration.faults.things import CREATE, INSERT, number
from servers.server import Database
from servers.settings import settings_of

from micro_integrator.database import Connection, DatabaseError, DataSource


async def test_a_killed_session_is_one_of_the_client_that_was_meant(
    client: Connection, direct: Connection, proxy: Proxy, server: Server, database: Database
) -> None:
    sessions = Sessions(server, database)
    assert len(sessions.of()) == 2
    assert sessions.kill_one(proxy) is not None
    with pytest.raises(DatabaseError):
        await number(client)
    assert await number(direct) == 0
    assert sessions.kill_one(proxy) is None, "there was only one"
    assert sessions.kill_all() == 1
    with pytest.raises(DatabaseError):
        await number(direct)
    assert sessions.killed == 2


@pytest.mark.usefixtures("direct")
def test_the_sessions_of_a_process_are_found_by_its_ports(server: Server, database: Database) -> None:
    [session] = Sessions(server, database).of()
    assert session.port in client_ports(os.getpid())
    assert session.port not in client_ports(server.pid)


async def test_a_frozen_server_answers_when_it_is_thawed(kind: str, make_server: MakeServer) -> None:
    server = make_server(kind)
    server.start()
    source = DataSource(settings_of(server.create_database()))
    connection = await source.connect()
    await connection.changed(CREATE)
    await connection.changed(INSERT)
    with Frozen(server):
        waiting = asyncio.create_task(number(connection))
        done, _ = await asyncio.wait([waiting], timeout=0.3)
        assert not done
    assert await waiting == 0
    await connection.close()


async def test_a_server_comes_back_with_all_that_was_committed(kind: str, make_server: MakeServer) -> None:
    server = make_server(kind)
    server.start()
    source = DataSource(settings_of(server.create_database()))
    connection = await source.connect()
    await connection.changed(CREATE)
    await connection.changed(INSERT)
    for end in (crash, type(server).stop):
        end(server)
        with pytest.raises(DatabaseError):
            await number(connection)
        server.start()
        connection = await source.connect()
        assert await number(connection) == 0
    await connection.close()
