"""Connections are kept, used again, waited for, and given up."""

import asyncio
from typing import Any

import pytest
from harness.back_end import LIMIT, OK, Backend, Conversation, ok
from integration.http.sending import request, sender
from servers.ports import free_port

from micro_integrator.synapse import EndpointError


async def answers_once(talk: Conversation) -> None:
    """Say that the connection stays, then close it: what a back end does whose keep-alive has run out."""
    await talk.request()
    await talk.send(OK)


async def test_requests_one_after_the_other_share_a_connection() -> None:
    async with Backend() as backend, sender() as http:
        for _ in range(5):
            await http.send(request(backend.url))
    assert (backend.connections, len(backend.requests)) == (1, 5)


async def test_requests_at_the_same_time_have_a_connection_each() -> None:
    async def together(talk: Conversation) -> None:
        await talk.request()
        await everybody.wait()
        await talk.send(OK)

    everybody = asyncio.Barrier(3)
    async with Backend(together) as backend, sender() as http, asyncio.timeout(LIMIT):
        await asyncio.gather(*(http.send(request(backend.url)) for _ in range(3)))
    assert backend.connections == 3


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_connection_closed_while_it_was_idle_is_replaced_unnoticed(method: str) -> None:
    async with Backend(answers_once) as backend, sender() as http:
        for count in range(1, 4):
            await http.send(request(backend.url, method, b"x" if method == "POST" else None))
            await backend.all_gone(1)
            assert backend.connections == count


async def closes_at_the_second(talk: Conversation) -> None:
    """Take a second request on the same connection, and close it without a word."""
    await talk.request()
    await talk.send(OK)
    await talk.request()


async def test_a_request_that_may_be_repeated_is_when_its_old_connection_dies() -> None:
    async with Backend(closes_at_the_second) as backend, sender() as http:
        for _ in range(2):
            assert (await http.send(request(backend.url, "PUT", b"x"))).status == 200
    assert backend.connections == 2
    assert [received.body for received in backend.requests] == [b"x"] * 3


async def test_a_request_that_may_have_been_acted_on_is_not_repeated() -> None:
    async with Backend(closes_at_the_second) as backend, sender() as http:
        await http.send(request(backend.url, "POST", b"x"))
        with pytest.raises(EndpointError) as caught:
            await http.send(request(backend.url, "POST", b"x"))
    assert caught.value.code == 101505
    assert len(backend.requests) == 2


async def test_a_fresh_connection_that_dies_is_an_error() -> None:
    async def never(talk: Conversation) -> None:
        await talk.request()

    async with Backend(never) as backend, sender() as http:
        with pytest.raises(EndpointError):
            await http.send(request(backend.url))
    assert len(backend.requests) == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=0\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nrubbish",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged",
    ],
)
async def test_a_connection_is_not_used_again_when_the_answer_speaks_against_it(answer: bytes) -> None:
    async def script(talk: Conversation) -> None:
        await talk.request()
        await talk.send(answer)
        await talk.gone()

    async with Backend(script) as backend, sender() as http:
        for _ in range(2):
            assert (await http.send(request(backend.url))).body.is_empty
    assert backend.connections == 2


async def test_bytes_that_nobody_asked_for_end_an_idle_connection() -> None:
    async def late(talk: Conversation) -> None:
        await talk.request()
        await talk.send(OK)
        await talk.send(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
        await talk.gone()

    async with Backend(late) as backend, sender() as http:
        await http.send(request(backend.url))
        await backend.all_gone(1)


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ({}, {"NO_KEEPALIVE": "true"}),
        ({}, {"FORCE_HTTP_1.0": True}),
        ({"disable_connection_keepalive": True}, {}),
    ],
)
async def test_a_connection_is_closed_when_asked_for(
    settings: dict[str, Any], options: dict[str, Any]
) -> None:
    async with Backend() as backend, sender(**settings) as http:
        await http.send(request(backend.url, **options))
        await backend.all_gone(1)
    assert backend.requests[0].header("Connection") == ("close" if options else None)


async def test_who_comes_when_all_connections_are_taken_waits_for_one() -> None:
    async def slowly(talk: Conversation) -> None:
        while True:
            await talk.request()
            await may_answer.wait()
            await talk.send(OK)

    may_answer = asyncio.Event()
    async with Backend(slowly) as backend, sender(max_http_connection_per_host_port=2) as http:
        waiting = [asyncio.ensure_future(http.send(request(backend.url))) for _ in range(6)]
        while len(backend.requests) < 2:
            await asyncio.sleep(0)
        may_answer.set()
        async with asyncio.timeout(LIMIT):
            answers = await asyncio.gather(*waiting)
    assert [answer.status for answer in answers] == [200] * 6
    assert backend.connections == 2


async def hangs(talk: Conversation) -> None:
    await talk.request()
    await talk.gone()


async def test_waiting_for_a_connection_ends_with_the_connection_time_out() -> None:
    async with (
        Backend(hangs) as backend,
        sender(max_http_connection_per_host_port=1, connection_timeout=0.2) as http,
    ):
        first = asyncio.ensure_future(http.send(request(backend.url)))
        while not backend.requests:
            await asyncio.sleep(0)
        with pytest.raises(EndpointError, match="No available connections to serve the request") as caught:
            await http.send(request(backend.url))
        assert caught.value.code == 101508
        first.cancel()
        await backend.all_gone(1)


async def test_a_waiter_that_is_cancelled_costs_nobody_a_connection() -> None:
    async def at_a_sign(talk: Conversation) -> None:
        while True:
            await talk.request()
            await sign.acquire()
            await talk.send(OK)

    sign = asyncio.Semaphore(0)
    async with Backend(at_a_sign) as backend, sender(max_http_connection_per_host_port=1) as http:
        first, given_up, last = (asyncio.ensure_future(http.send(request(backend.url))) for _ in range(3))
        while not backend.requests:
            await asyncio.sleep(0)
        given_up.cancel()
        sign.release()
        sign.release()
        async with asyncio.timeout(LIMIT):
            assert [(await one).status for one in (first, last)] == [200, 200]
    assert backend.connections == 1


async def test_a_failed_connection_makes_room_for_the_next_in_line() -> None:
    async def first_hangs(talk: Conversation) -> None:
        await (hangs if backend.connections == 1 else ok)(talk)

    async with Backend(first_hangs) as backend, sender(max_http_connection_per_host_port=1) as http:
        first = asyncio.ensure_future(http.send(request(backend.url)))
        while not backend.requests:
            await asyncio.sleep(0)
        second = asyncio.ensure_future(http.send(request(backend.url)))
        await asyncio.sleep(0)
        first.cancel()
        async with asyncio.timeout(LIMIT):
            assert (await second).status == 200


async def test_stopping_closes_idle_connections_and_ends_the_waiting() -> None:
    async with Backend(hangs) as backend:
        async with sender(max_http_connection_per_host_port=1) as http:
            first = asyncio.ensure_future(http.send(request(backend.url)))
            while not backend.requests:
                await asyncio.sleep(0)
            second = asyncio.ensure_future(http.send(request(backend.url)))
            await asyncio.sleep(0)
        with pytest.raises(EndpointError, match="it has been stopped") as caught:
            await second
        assert caught.value.code == 101507
        with pytest.raises(EndpointError, match="it has been stopped"):
            await http.send(request(backend.url))
        first.cancel()


async def test_an_idle_connection_is_closed_when_the_sender_stops() -> None:
    async with Backend() as backend:
        async with sender() as http:
            await http.send(request(backend.url))
        await backend.all_gone(1)


async def test_starting_and_stopping_many_times_is_harmless() -> None:
    async with sender() as http:
        await asyncio.gather(*(http.stop() for _ in range(10)))
        await http.stop()


async def test_connections_that_never_came_about_take_no_place() -> None:
    port = free_port()
    async with sender(max_http_connection_per_host_port=1, connection_timeout=LIMIT) as http:
        for _ in range(3):
            with pytest.raises(EndpointError) as caught:
                await http.send(request(f"http://127.0.0.1:{port}"))
            assert caught.value.code == 101503
