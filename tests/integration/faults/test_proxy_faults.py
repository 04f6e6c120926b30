"""What the proxy does to the connections that go through it."""

import asyncio
import time
from http.client import HTTPConnection

import pytest
from harness import Proxy, Server, Sessions, Sink, wait_until
from integration.faults.things import SET, number
from servers.server import Database

from micro_integrator.database import Connection, DatabaseError, DataSource, Statement, Unreachable

ONE = Statement("SELECT 1 AS ONE")


async def test_without_a_fault_statements_go_through_and_are_counted(
    client: Connection, proxy: Proxy
) -> None:
    await client.changed(SET, number=1)
    assert await number(client) == 1
    assert proxy.counts["connections"] == proxy.connections() == 1
    assert proxy.counts["bytes to the server"] > 0
    assert proxy.counts["bytes to the client"] > 0
    assert not proxy.faults


async def test_a_delay_lasts_each_way(client: Connection, proxy: Proxy) -> None:
    await client.rows(ONE)
    proxy.delay(0.2)
    assert await _seconds_of(client) >= 0.4
    proxy.heal()
    assert await _seconds_of(client) < 0.4


async def test_in_a_black_hole_nothing_is_answered_and_nothing_ends_until_it_is_healed(
    far: DataSource, direct: Connection, proxy: Proxy
) -> None:
    hurried = await far.connect(statement_timeout=0.5)
    patient = await far.connect()
    proxy.black_hole()
    waiting = asyncio.create_task(patient.rows(ONE))
    with pytest.raises(DatabaseError, match=r"no answer within 0\.5 s"):
        await hurried.rows(ONE)
    with pytest.raises(Unreachable):
        await far.connect(connect_timeout=0.5)
    assert proxy.counts["bytes swallowed"] > 0
    assert proxy.connections() >= 2, "the hurried client has gone, and its server does not hear of it"
    proxy.heal()
    fresh = await far.connect()
    assert await fresh.rows(ONE)
    assert not waiting.done(), "what was swallowed is lost"
    await fresh.close()
    patient.abort()
    with pytest.raises(DatabaseError):
        await waiting
    await asyncio.to_thread(wait_until, lambda: proxy.connections() == 0, "the end of all connections")


async def test_what_was_stalled_arrives_when_it_is_healed(
    client: Connection, direct: Connection, proxy: Proxy
) -> None:
    proxy.stall()
    waiting = asyncio.create_task(client.changed(SET, number=1))
    done, _ = await asyncio.wait([waiting], timeout=0.3)
    assert not done
    assert await number(direct) == 0
    proxy.heal()
    assert await waiting == 1
    assert await number(direct) == 1


async def test_a_reset_ends_every_connection_at_both_ends(
    client: Connection, proxy: Proxy, server: Server, database: Database
) -> None:
    sessions = Sessions(server, database)
    assert len(sessions.of(proxy)) == 1
    [session] = sessions.of(proxy)
    assert proxy.reset() == 1
    with pytest.raises(DatabaseError):
        await client.rows(ONE)
    await asyncio.to_thread(wait_until, lambda: session not in sessions.of(), "the end of the session")
    assert proxy.counts["reset"] == proxy.faults["reset"] == 1


async def test_when_it_refuses_new_connections_fail_at_once_and_old_ones_go_on(
    client: Connection, far: DataSource, proxy: Proxy
) -> None:
    proxy.refuse()
    with pytest.raises(Unreachable):
        await far.connect()
    assert await client.rows(ONE)
    proxy.heal()
    fresh = await far.connect()
    assert await fresh.rows(ONE)
    await fresh.close()


@pytest.mark.parametrize("known", [False, True], ids=["new statement", "prepared statement"])
async def test_a_held_reply_leaves_the_client_waiting_for_what_has_been_done(
    known: bool, client: Connection, direct: Connection, proxy: Proxy
) -> None:
    if known:
        await client.changed(SET, number=1)
    hold = proxy.hold_reply(b"UPDATE THINGS")
    assert await client.rows(ONE), "other statements are not meant"
    waiting = asyncio.create_task(client.changed(SET, number=2))
    await asyncio.to_thread(hold.wait_answered)
    assert await number(direct) == 2
    assert not waiting.done()
    hold.release()
    assert await waiting == 1
    assert await client.changed(SET, number=3) == 1, "one hold is one reply"
    assert hold.caught == 1


async def test_a_held_request_is_executed_after_its_client_has_given_up(
    far: DataSource, direct: Connection, proxy: Proxy
) -> None:
    client = await far.connect(statement_timeout=0.5)
    await client.changed(SET, number=0)
    hold = proxy.hold_request(b"UPDATE THINGS")
    with pytest.raises(DatabaseError, match="no answer"):
        await client.changed(SET, number=1)
    hold.wait_caught()
    assert await number(direct) == 0
    hold.release()
    async with asyncio.timeout(20):
        while await number(direct) == 0:
            await asyncio.sleep(0.02)


async def test_a_hold_tells_statements_apart_by_their_values_and_may_catch_each(
    far: DataSource, direct: Connection, proxy: Proxy
) -> None:
    by_name = Statement("SELECT NUMBER FROM THINGS WHERE :name LIKE 'name-_'")
    hold = proxy.hold_reply(b"THINGS", b"name-1", every=True)
    clients = [await far.connect(), await far.connect()]
    assert await clients[0].rows(by_name, name="name-2")
    waiting = [asyncio.create_task(client.rows(by_name, name="name-1")) for client in clients]
    await asyncio.to_thread(hold.wait_answered, 2)
    assert not any(each.done() for each in waiting)
    hold.release()
    assert [len(rows) for rows in await asyncio.gather(*waiting)] == [1, 1]
    for client in clients:
        await client.close()


def test_it_stands_before_anything_that_listens() -> None:
    with Sink() as sink:
        port = int(sink.url.rpartition(":")[2])
        with Proxy(port) as proxy:
            asking = HTTPConnection("127.0.0.1", proxy.port, timeout=20)
            asking.request("GET", "/fired?node=n&task=t&key=1&fence=1")
            assert asking.getresponse().read() == b"ok"
            asking.close()
    assert sink.keys("t") == [1]


async def _seconds_of(client: Connection) -> float:
    began = time.monotonic()
    await client.rows(ONE)
    return time.monotonic() - began
