"""Bodies of requests: whole, in pieces, larger than anybody wants, and larger than memory."""

import asyncio
import resource
from contextlib import suppress
from typing import Any

import pytest
from integration.http_server.serving import GET, LIMIT, Client, Engine, asked, echo, listening, post
from unit.transports.http_server.wire_lab import whole

from micro_integrator.synapse import Arrival, EndpointError, FormatError, Headers, ReplyChannel
from micro_integrator.transports.http.server import connection

MEGABYTE = 1024 * 1024
CHUNKED = b"POST /orders HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


def announced(size: int, *lines: str) -> bytes:
    return "\r\n".join(
        ["POST /orders HTTP/1.1", "Host: a", f"Content-Length: {size}", *lines, "", ""]
    ).encode()


async def discarding(arrival: Arrival, reply: ReplyChannel) -> None:
    """Answer at once; the body is no concern of ours."""
    await reply.reply(200, Headers(), b"early")


async def counting(arrival: Arrival, reply: ReplyChannel) -> None:
    """Read the body piece by piece and answer with its size."""
    size, stream = 0, arrival.body.take_stream()
    assert stream is not None
    async for piece in stream:
        size += len(piece)
    await reply.reply(200, Headers(), str(size).encode())


@pytest.mark.parametrize("size", [1, 1000, 65536, 65537, 3 * MEGABYTE])
async def test_a_body_arrives_whole_however_it_was_sent(size: int) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    body = body[:size]
    chunks = b"".join(
        b"%x\r\n%b\r\n" % (len(part), part) for part in (body[: size // 3], body[size // 3 :]) if part
    )
    async with listening(echo) as listener, Client(listener) as client:
        for request in (post(body), CHUNKED + chunks + b"0\r\n\r\n"):
            is_whole = (await client.ask(request)).body == b"POST /orders " + body
            assert is_whole


async def test_a_small_body_that_comes_later_is_awaited_and_the_connection_kept() -> None:
    async with listening(discarding) as listener, Client(listener) as client:
        for _ in range(2):
            client.send(announced(4))
            await asyncio.sleep(0.02)
            answer = await client.ask(b"late")
            assert (answer.status, answer.header("Connection")) == (200, None)


async def test_the_engine_begins_before_a_large_body_is_here() -> None:
    engine = Engine()
    async with listening(engine.serve) as listener, Client(listener) as client:
        client.send(announced(MEGABYTE))
        await engine.begun.wait()
        body = engine.arrivals[0].body
        assert body.is_unread
        client.send(b"x" * MEGABYTE)
        assert len(await whole(body)) == MEGABYTE
        engine.release.set()
        assert (await client.answer()).header("Connection") is None


@pytest.mark.parametrize("request_head", [announced(3), CHUNKED, announced(MEGABYTE)])
async def test_a_client_that_waits_for_a_word_gets_it_at_once(request_head: bytes) -> None:
    head = request_head.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")
    async with listening(echo) as listener, Client(listener) as client:
        assert (await client.ask(head)).status == 100


async def test_nobody_waits_for_a_word_when_the_body_is_here() -> None:
    async with listening(echo) as listener:
        answer = await asked(listener, post(b"here", "Expect: 100-continue"))
    assert (answer.status, answer.body) == (200, b"POST /orders here")


async def test_a_client_is_slowed_down_when_nobody_reads() -> None:
    engine = Engine()
    async with listening(engine.serve) as listener, Client(listener) as client:
        client.send(announced(64 * MEGABYTE))
        await engine.begun.wait()
        sent = await client.flood(bytes(MEGABYTE), 0.3)
        assert sent < 32 * MEGABYTE
        stream = engine.arrivals[0].body.take_stream()
        assert stream is not None
        async for piece in stream:  # and it goes on when somebody reads
            sent -= len(piece)
            if not sent:
                break


async def test_hundred_megabytes_pass_through_in_little_memory() -> None:
    async def passing(arrival: Arrival, reply: ReplyChannel) -> None:
        stream = arrival.body.take_stream()
        assert stream is not None
        await reply.reply(200, Headers(), stream)

    async def sent(client: Client) -> None:
        for _ in range(100):
            client.send(bytes(MEGABYTE))
            await client.writer.drain()

    async with listening(passing) as listener, Client(listener) as client:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        client.send(announced(100 * MEGABYTE))
        async with asyncio.TaskGroup() as group:
            group.create_task(sent(client))
            head = await client.reader.readuntil(b"\r\n\r\n")
            left = 100 * MEGABYTE
            while left:
                left -= len(await client.reader.read(MEGABYTE))
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert b"Content-Length: 104857600\r\n" in head
    assert grown < 20 * 1024


async def test_a_slow_reader_of_a_large_answer_gets_all_of_it() -> None:
    large = bytes(range(256)) * (8 * MEGABYTE // 256)

    async def generous(arrival: Arrival, reply: ReplyChannel) -> None:
        await reply.reply(200, Headers(), large)

    async with listening(generous) as listener, Client(listener) as client:
        client.send(GET)
        await asyncio.sleep(0.2)
        is_whole = (await client.answer()).body == large
        assert is_whole
        assert (await client.ask(GET)).status == 200


async def test_an_early_answer_ends_the_connection_when_the_body_is_not_complete() -> None:
    async with listening(discarding) as listener, Client(listener) as client:
        answer = await client.ask(announced(10 * MEGABYTE), bytes(1000))
        assert (answer.body, answer.header("Connection")) == (b"early", "close")
        assert await client.rest() == b""


async def test_a_client_that_is_still_sending_gets_the_early_answer() -> None:
    async with listening(discarding) as listener, Client(listener) as client:
        client.send(announced(10 * MEGABYTE), bytes(1000))
        await asyncio.sleep(0.05)
        client.send(bytes(30_000))
        assert (await client.answer()).body == b"early"


@pytest.mark.parametrize("status", [200, 413])
async def test_a_client_that_sends_everything_before_it_reads_gets_the_early_answer(status: int) -> None:
    limit: dict[str, Any] = {"enable_message_size_validation": status == 413, "max_message_size_bytes": 1000}
    async with listening(discarding, **limit) as listener, Client(listener) as client:
        client.send(announced(50 * MEGABYTE))
        for _ in range(50):
            client.send(bytes(MEGABYTE))
            await client.writer.drain()
        assert (await client.answer()).status == status


async def test_a_client_that_goes_on_sending_after_its_answer_is_closed_in_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "LINGER_LIMIT", 0.2)
    monkeypatch.setattr(connection, "LONGEST_LINGER", 0.5)
    async with listening(discarding) as listener, Client(listener) as client:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        client.send(announced(1000 * MEGABYTE))
        with suppress(ConnectionError):
            while listener.connections:
                client.send(bytes(10))
                await client.writer.drain()
                await asyncio.sleep(0.02)
        assert 0.4 < loop.time() - begun < LIMIT


async def test_a_body_that_nobody_wants_does_not_hold_up_the_engine() -> None:
    async def abandoning(arrival: Arrival, reply: ReplyChannel) -> None:
        arrival.body.clear()
        await sent.wait()
        await reply.reply(200, Headers(), b"")

    sent = asyncio.Event()
    async with listening(abandoning) as listener, Client(listener) as client:
        client.send(announced(5 * MEGABYTE))
        for _ in range(5):
            client.send(bytes(MEGABYTE))
            await client.writer.drain()
        sent.set()
        assert (await client.answer()).status == 200


async def test_a_large_message_is_refused_where_that_is_asked_for() -> None:
    async with listening(echo, enable_message_size_validation=True, max_message_size_bytes=1000) as listener:
        assert (await asked(listener, post(bytes(1000)))).status == 200
        refused = await asked(listener, announced(1001))
        assert (refused.status, refused.reason) == (413, "Payload Too Large")
        assert refused.header("Connection") == "close"
        assert (await asked(listener, CHUNKED, b"3e9\r\n", bytes(1001))).status == 413


async def test_chunks_that_grow_too_large_break_off_the_work() -> None:
    engine = Engine()
    async with (
        listening(engine.serve, enable_message_size_validation=True, max_message_size_bytes=1000) as listener,
        Client(listener) as client,
    ):
        client.send(CHUNKED, b"3e8\r\n", bytes(1000))
        await engine.begun.wait()
        assert (await client.ask(b"\r\n1\r\nx\r\n")).status == 413
        await engine.ended.wait()
    assert engine.cancelled == 1


async def test_damaged_chunks_break_off_the_work() -> None:
    engine = Engine()
    async with listening(engine.serve) as listener, Client(listener) as client:
        client.send(CHUNKED, b"5\r\nhello\r\n")
        await engine.begun.wait()
        assert (await client.ask(b"what\r\n")).status == 400
        await engine.ended.wait()
        with pytest.raises((EndpointError, FormatError)):
            await engine.arrivals[0].body.buffer()
    assert engine.cancelled == 1


async def test_a_client_that_vanishes_within_a_body_ends_the_stream_and_the_work() -> None:
    engine = Engine()
    async with listening(engine.serve) as listener:
        async with Client(listener) as client:
            client.send(announced(MEGABYTE), b"only this")
            await engine.begun.wait()
        await engine.ended.wait()
        with pytest.raises(EndpointError, match="breaks off"):
            await engine.arrivals[0].body.buffer()
    assert engine.cancelled == 1


async def test_a_client_that_vanishes_before_its_answer_ends_the_work() -> None:
    engine = Engine()
    async with listening(engine.serve) as listener:
        async with Client(listener) as client:
            client.send(GET)
            await engine.begun.wait()
        await engine.ended.wait()
    assert engine.cancelled == 1


async def test_work_goes_on_after_an_answer_though_the_client_has_gone() -> None:
    async def accepted(arrival: Arrival, reply: ReplyChannel) -> None:
        await reply.reply(202, Headers(), b"")
        await gone.wait()
        await asyncio.sleep(0.05)
        done.set()

    gone, done = asyncio.Event(), asyncio.Event()
    async with listening(accepted) as listener:
        await asked(listener, GET)
        gone.set()
        async with asyncio.timeout(5):
            await done.wait()


async def test_a_flow_that_has_answered_may_read_the_rest_of_the_body() -> None:
    async def accepting(arrival: Arrival, reply: ReplyChannel) -> None:
        await reply.reply(202, Headers(), b"")
        sizes.append(len(await whole(arrival.body)))
        done.set()

    sizes: list[int] = []
    done = asyncio.Event()
    async with listening(accepting) as listener, Client(listener) as client:
        client.send(announced(5 * MEGABYTE))
        assert (await client.answer()).header("Connection") == "close"
        client.send(bytes(5 * MEGABYTE))
        async with asyncio.timeout(5):
            await done.wait()
        assert await client.rest() == b""
    assert sizes == [5 * MEGABYTE]


@pytest.mark.parametrize("size", [10, 100_000])
async def test_a_body_without_a_type_is_what_the_settings_say(size: int) -> None:
    async def told(arrival: Arrival, reply: ReplyChannel) -> None:
        await reply.reply(200, Headers(), arrival.body.content_type.encode())

    request = post(bytes(size))
    async with listening(told) as listener:
        assert (await asked(listener, request)).body == b"application/octet-stream"
    async with listening(told, default_request_content_type="text/xml") as listener:
        assert (await asked(listener, request)).body == b"text/xml"
        assert (
            await asked(listener, post(b"{}", "Content-Type: application/json"))
        ).body == b"application/json"
