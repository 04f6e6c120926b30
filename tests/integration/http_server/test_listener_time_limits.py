"""Clients and engines that take too long: who gets which answer, and when."""

import asyncio
from typing import Self

import pytest
from integration.http_server.serving import GET, LIMIT, Client, Engine, echo, listening

from micro_integrator.observability import recorded_lines
from micro_integrator.synapse import Arrival, Headers, ReplyChannel

SHORT = 0.3
"""Seconds of the limit under test."""
PRECISION = 0.05
"""Seconds by which a limit may be missed."""


class Watch:
    """Measures how long something took, beside a timer of the same loop that is as late as the machine is busy."""

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._began = self._rang = loop.time()
        self._timer = loop.call_later(SHORT, self._ring)
        return self

    def _ring(self) -> None:
        self._rang = asyncio.get_running_loop().time()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._ended = asyncio.get_running_loop().time()
        self.took = self._ended - self._began

    @property
    def is_on_time(self) -> bool:
        has_rung = self._rang > self._began
        return self.took > SHORT - 0.01 and (not has_rung or self._ended - self._rang < PRECISION)


async def test_an_idle_connection_is_closed_without_a_word() -> None:
    async with listening(echo, socket_timeout=SHORT) as listener:
        async with Client(listener) as client:
            with Watch() as watch:
                assert await client.rest() == b""
            assert watch.is_on_time
        async with Client(listener) as client:
            await client.ask(GET)
            with Watch() as watch:
                assert await client.rest() == b""
            assert watch.is_on_time


@pytest.mark.parametrize("beginning", [b"G", b"GET / HTTP/1.1\r\nHost: a\r\n"])
async def test_a_head_that_does_not_end_is_refused(beginning: bytes) -> None:
    async with listening(echo, request_header_timeout=SHORT) as listener, Client(listener) as client:
        client.send(beginning)
        with Watch() as watch:
            assert (await client.answer()).status == 408
        assert watch.is_on_time
        assert await client.rest() == b""


@pytest.mark.parametrize("pieces", [[GET + b"\r\n"], [GET, b"\r\n"], [GET, b"\r", b"\n"]])
async def test_an_empty_line_behind_a_request_is_not_a_head_that_does_not_end(pieces: list[bytes]) -> None:
    async with listening(echo, request_header_timeout=SHORT) as listener, Client(listener) as client:
        for piece in pieces:
            client.send(piece)
            await asyncio.sleep(0.02)
        assert (await client.answer()).status == 200
        await asyncio.sleep(SHORT + PRECISION)
        assert (await client.ask(GET)).status == 200
        listener.drain()
        assert await listener.settle(5) == 0


async def test_a_head_byte_by_byte_has_no_more_time_than_any_other() -> None:
    async with listening(echo, request_header_timeout=SHORT) as listener, Client(listener) as client:
        with Watch() as watch:
            for at in range(30):
                client.send(GET[at : at + 1])
                await asyncio.sleep(0.02)
            assert (await client.answer()).status == 408
        assert watch.took > SHORT


@pytest.mark.parametrize("size", [100, 1_000_000], ids=["awaited", "stream"])
async def test_a_body_that_stops_coming_is_refused_and_its_work_ended(size: int) -> None:
    engine = Engine()
    async with listening(engine.serve, socket_timeout=SHORT) as listener, Client(listener) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\nonly this" % size)
        with Watch() as watch:
            assert (await client.answer()).status == 408
        assert watch.is_on_time
        if size > 100:
            await engine.ended.wait()
    assert engine.cancelled == (1 if size > 100 else 0)


async def test_a_slow_body_that_keeps_coming_is_taken() -> None:
    async with listening(echo, socket_timeout=SHORT) as listener, Client(listener) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(6):
            await asyncio.sleep(SHORT / 2)
            client.send(b"1\r\nx\r\n")
        assert (await client.ask(b"0\r\n\r\n")).body == b"POST / xxxxxx"


async def test_an_engine_that_does_not_answer_is_stopped() -> None:
    engine = Engine()
    with recorded_lines() as lines:
        async with listening(engine.serve, socket_timeout=SHORT) as listener, Client(listener) as client:
            client.send(GET)
            with Watch() as watch:
                answer = await client.answer()
            assert watch.is_on_time
            assert (answer.status, answer.body) == (504, b"")
            assert answer.header("activityid") == engine.arrivals[0].correlation_id
            assert await client.rest() == b""
            await engine.ended.wait()
    assert engine.cancelled == 1
    text = "Socket Timeout occurred after accepting the request headers and the request body"
    assert lines.texts().count(text) == 1


async def test_the_limit_begins_anew_with_every_request() -> None:
    async def slow(arrival: Arrival, reply: ReplyChannel) -> None:
        await asyncio.sleep(SHORT * 0.6)
        await reply.reply(200, Headers(), b"")

    async with listening(slow, socket_timeout=SHORT) as listener, Client(listener) as client:
        for _ in range(4):
            assert (await client.ask(GET)).status == 200
            await asyncio.sleep(SHORT * 0.6)


async def test_a_client_that_does_not_take_its_answer_is_cut_off() -> None:
    async def generous(arrival: Arrival, reply: ReplyChannel) -> None:
        try:
            await reply.reply(200, Headers(), bytes(64 * 1024 * 1024))
        finally:
            ended.set()

    ended = asyncio.Event()
    async with listening(generous, socket_timeout=SHORT) as listener, Client(listener) as client:
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        client.send(GET)
        with Watch() as watch:
            async with asyncio.timeout(LIMIT):
                await ended.wait()
        assert watch.took < 4 * SHORT


async def test_a_client_that_takes_its_answer_slowly_gets_it() -> None:
    size = 24 * 1024 * 1024

    async def generous(arrival: Arrival, reply: ReplyChannel) -> None:
        await reply.reply(200, Headers(), bytes(size))

    async with listening(generous, socket_timeout=SHORT) as listener, Client(listener) as client:
        client.send(GET)
        left = size
        await client.reader.readuntil(b"\r\n\r\n")
        for _ in range(8):
            left -= len(await client.reader.readexactly(size // 12))
            await asyncio.sleep(SHORT / 3)
        while left:
            left -= len(await client.reader.readexactly(min(left, 65536)))
