"""Bodies that are not held in memory: they arrive, and leave, at the pace of the slower side."""

import asyncio
import gc
import resource
import socket
import threading
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from typing import Any

import pytest
from harness.back_end import LIMIT, OK, Backend, Conversation, ok
from integration.http.sending import body_of, request, sender

from micro_integrator.synapse import EndpointError, FormatError, Response

MEGABYTE = 1024 * 1024
PIECE = bytes(range(256)) * 256


class Pieces:
    """A body on its way to us; `fails_after` of its pieces it breaks off, `waits_after` it waits for `may_go_on`."""

    def __init__(
        self,
        pieces: Iterable[bytes],
        length: int | None = None,
        *,
        waits_after: int | None = None,
        fails_after: int | None = None,
    ) -> None:
        self.length = length
        self.taken = 0
        self.is_abandoned = False
        self.may_go_on = asyncio.Event()
        self._pieces, self._waits_after, self._fails_after = iter(pieces), waits_after, fails_after

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        if self.taken == self._fails_after:
            raise FormatError("the client has gone")
        if self.taken == self._waits_after:
            await self.may_go_on.wait()
        self.taken += 1
        try:
            return next(self._pieces)
        except StopIteration:
            raise StopAsyncIteration from None

    def abandon(self) -> None:
        self.is_abandoned = True


async def pieces_of(response: Response) -> list[bytes]:
    stream = response.body.take_stream()
    assert stream is not None
    return [piece async for piece in stream]


def grown_by() -> float:
    """Megabytes of the highest resident memory so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# ---- answers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "head",
    ["Content-Length: 10\r\n", "Transfer-Encoding: chunked\r\n", ""],
    ids=["counted", "chunked", "endless"],
)
async def test_an_answer_is_there_with_its_head(head: str) -> None:
    async def halting(talk: Conversation) -> None:
        await talk.request()
        await talk.send(f"HTTP/1.1 200 OK\r\n{head}\r\n".encode())
        await head_seen.wait()
        await talk.send(b"5\r\n12345\r\n5\r\n67890\r\n0\r\n\r\n" if "chunked" in head else b"1234567890")

    head_seen = asyncio.Event()
    async with Backend(halting) as backend, sender() as http, asyncio.timeout(LIMIT):
        answer = await http.send(request(backend.url))
        assert answer.body.is_unread
        head_seen.set()
        assert await body_of(answer) == b"1234567890"


async def test_the_connection_of_a_streamed_answer_is_used_again_after_its_end() -> None:
    async def slowly(talk: Conversation) -> None:
        while True:
            await talk.request()
            await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab")
            await heads.acquire()
            await talk.send(b"cd")

    heads = asyncio.Semaphore(0)
    async with Backend(slowly) as backend, sender() as http:
        for _ in range(3):
            answer = await http.send(request(backend.url))
            heads.release()
            assert await body_of(answer) == b"abcd"
    assert backend.connections == 1


async def test_a_back_end_waits_for_a_slow_reader() -> None:
    async def generous(talk: Conversation) -> None:
        await talk.request()
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (64 * MEGABYTE))
        for sent[0] in range(1024):
            await talk.send(PIECE)

    sent = [0]
    async with Backend(generous) as backend, sender() as http, asyncio.timeout(LIMIT):
        answer = await http.send(request(backend.url))
        stream = answer.body.take_stream()
        assert stream is not None
        before = -1
        while before != sent[0]:
            before = sent[0]
            await asyncio.sleep(0.2)
        assert before < 512  # the rest waits in the back end: the sockets between us hold a few megabytes
        assert sum([len(piece) async for piece in stream]) == 64 * MEGABYTE


async def test_a_hundred_megabytes_pass_without_being_held() -> None:
    size = 100 * MEGABYTE

    async def generous(talk: Conversation) -> None:
        await talk.request()
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(size // len(PIECE)):
            await talk.send(PIECE)

    async def counting(talk: Conversation) -> None:
        received.append(await talk.counted())
        await talk.send(OK)

    received: list[int] = []
    async with Backend(generous) as source, Backend(counting) as target, sender() as http:
        gc.collect()
        before = grown_by()
        answer = await http.send(request(source.url))
        stream = answer.body.take_stream()
        assert (await http.send(request(target.url, "POST", stream, time_limit=60.0))).status == 200
    assert received == [size]
    assert grown_by() - before < 20


async def test_a_body_that_breaks_off_tells_its_reader() -> None:
    async def half(talk: Conversation) -> None:
        await talk.request()
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")

    async with Backend(half) as backend, sender() as http:
        answer = await http.send(request(backend.url))
        with pytest.raises(
            EndpointError, match="closed the connection in the middle of its answer"
        ) as caught:
            await body_of(answer)
    assert (caught.value.code, caught.value.protocol_state) == (101505, 5)


async def test_a_reset_in_the_middle_of_an_answer_that_would_end_with_the_connection() -> None:
    async def half(talk: Conversation) -> None:
        await talk.request()
        await talk.send(b"HTTP/1.1 200 OK\r\n\r\nthe first half of it")
        await head_seen.wait()
        await talk.reset()

    head_seen = asyncio.Event()
    async with Backend(half) as backend, sender() as http:
        answer = await http.send(request(backend.url))
        head_seen.set()
        with pytest.raises(EndpointError) as caught:
            await body_of(answer)
    assert (caught.value.code, caught.value.protocol_state) == (101505, 5)


async def test_chunks_that_are_none_end_the_answer() -> None:
    async def garbled(talk: Conversation) -> None:
        await talk.request()
        await talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n")
        await head_seen.wait()
        await talk.send(b"five\r\n")
        await talk.gone()

    head_seen = asyncio.Event()
    async with Backend(garbled) as backend, sender() as http:
        answer = await http.send(request(backend.url))
        head_seen.set()
        with pytest.raises(EndpointError) as caught:
            await body_of(answer)
        assert caught.value.code == 101506
        await backend.all_gone(1)


async def test_a_body_that_stalls_ends_with_the_socket_time_out_and_not_with_the_limit_for_its_head() -> None:
    async def stalls(talk: Conversation) -> None:
        await talk.request()
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345")
        await talk.gone()

    async with Backend(stalls) as backend, sender(socket_timeout=0.5, connection_timeout=LIMIT) as http:
        begun = asyncio.get_running_loop().time()
        answer = await http.send(request(backend.url, time_limit=0.1))
        with pytest.raises(EndpointError, match=r"was silent for 0\.5 s") as caught:
            await body_of(answer)
        assert asyncio.get_running_loop().time() - begun >= 0.49
        assert caught.value.code == 101504
        await backend.all_gone(1)


async def test_a_reader_who_takes_his_time_does_not_make_the_back_end_silent() -> None:
    async def generous(talk: Conversation) -> None:
        await talk.request()
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (16 * MEGABYTE))
        await talk.send(bytes(16 * MEGABYTE))

    async with Backend(generous) as backend, sender(socket_timeout=0.2, connection_timeout=LIMIT) as http:
        answer = await http.send(request(backend.url))
        await asyncio.sleep(0.6)
        assert sum(map(len, await pieces_of(answer))) == 16 * MEGABYTE


@pytest.mark.parametrize("way", ["abandoned", "cleared", "forgotten"])
async def test_a_body_that_nobody_wants_closes_its_connection(way: str) -> None:
    async def endless(talk: Conversation) -> None:
        await talk.request()
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n12345")
        await talk.gone()

    async with Backend(endless) as backend, sender() as http:
        answer = await http.send(request(backend.url))
        if way == "abandoned":
            stream = answer.body.take_stream()
            assert stream is not None
            stream.abandon()
        elif way == "cleared":
            answer.body.clear()
        del answer
        await backend.all_gone(1)


async def test_late_bytes_of_an_answer_that_was_given_up_are_seen_by_nobody() -> None:
    async def late(talk: Conversation) -> None:
        if backend.connections > 1:
            await ok(talk)
        await talk.request()
        await given_up.wait()
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstale")
        await talk.gone()

    given_up = asyncio.Event()
    async with Backend(late) as backend, sender() as http:
        with pytest.raises(EndpointError, match="Send timeout"):
            await http.send(request(backend.url, time_limit=0.1))
        given_up.set()
        for _ in range(2):
            assert await body_of(await http.send(request(backend.url))) == b"ok"


async def test_a_compressed_body_is_passed_on_as_it_is() -> None:
    async def compressed(talk: Conversation) -> None:
        await talk.request()
        await talk.answer(b"\x1f\x8b\x08\x00", "Content-Encoding: gzip", "Content-Type: application/json")

    async with Backend(compressed) as backend, sender() as http:
        answer = await http.send(request(backend.url, headers={"Accept-Encoding": "gzip"}))
    assert (answer.headers["Content-Encoding"], await body_of(answer)) == ("gzip", b"\x1f\x8b\x08\x00")
    assert backend.requests[0].header("Accept-Encoding") == "gzip"


# ---- requests --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [None, 10])
async def test_a_body_that_is_still_arriving_is_sent_as_it_comes(length: int | None) -> None:
    async with Backend() as backend, sender() as http:
        await http.send(request(backend.url, "POST", Pieces([b"12345", b"", b"67890"], length)))
        await http.send(request(backend.url))
    received = backend.requests[0]
    assert received.body == b"1234567890"
    assert received.header("Content-Length") == (None if length is None else "10")
    assert received.header("Transfer-Encoding") == ("chunked" if length is None else None)
    assert backend.connections == 1


@pytest.mark.parametrize("option", ["DISABLE_CHUNKING", "FORCE_HTTP_1.0"])
async def test_a_body_of_unknown_length_is_counted_first_where_the_message_asks_for_it(option: str) -> None:
    options: dict[str, Any] = {option: True}
    async with Backend() as backend, sender() as http:
        await http.send(request(backend.url, "POST", Pieces([b"12345", b"67890"]), **options))
    assert (backend.requests[0].body, backend.requests[0].header("Content-Length")) == (b"1234567890", "10")


async def test_a_body_too_large_to_be_counted_is_refused() -> None:
    stream = Pieces([b"12345", b"67890"])
    async with Backend() as backend, sender(max_body=9) as http:
        with pytest.raises(FormatError, match="larger than 9 bytes"):
            await http.send(request(backend.url, "POST", stream, DISABLE_CHUNKING=True))
    assert stream.is_abandoned
    assert backend.connections == 0


async def test_a_client_waits_for_a_slow_back_end() -> None:
    async def sleepy(talk: Conversation) -> None:
        await may_read.wait()
        await talk.counted()
        await talk.send(OK)

    may_read = asyncio.Event()
    stream = Pieces([PIECE] * 1024, 1024 * len(PIECE))
    async with Backend(sleepy) as backend, sender() as http, asyncio.timeout(LIMIT):
        waiting = asyncio.ensure_future(http.send(request(backend.url, "PUT", stream)))
        before = -1
        while before != stream.taken or not before:
            before = stream.taken
            await asyncio.sleep(0.2)
        assert before < 512
        may_read.set()
        assert (await waiting).status == 200


async def test_an_answer_before_the_body_has_come_is_given_and_the_rest_is_not_sent() -> None:
    async def hasty(talk: Conversation) -> None:
        await talk.begins()
        await talk.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nno!")
        await talk.gone()

    stream = Pieces([b"x"] * 10, waits_after=2)
    async with Backend(hasty) as backend, sender() as http, asyncio.timeout(LIMIT):
        answer = await http.send(request(backend.url, "POST", stream))
        assert (answer.status, await body_of(answer)) == (413, b"no!")
        await backend.all_gone(1)
    assert stream.is_abandoned
    assert stream.taken == 2


async def test_an_answer_counts_also_when_its_back_end_has_hung_up_before_the_body_was_sent() -> None:
    class Blocking:
        """Keeps the loop from reading until the connection is gone: the next thing to happen is a write that fails."""

        length = None

        def abandon(self) -> None:
            pass

        async def __aiter__(self) -> AsyncIterator[bytes]:
            yield bytes(100_000)
            refusing.join(LIMIT)
            for _ in range(10):
                yield bytes(100_000)

    def refuse() -> None:
        client, _ = listening.accept()
        with client:
            client.recv(10)
            client.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 7\r\n\r\ntoo big")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        refusing = threading.Thread(target=refuse)
        refusing.start()
        async with sender() as http:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            answer = await http.send(request(url, "PUT", Blocking()))
            assert (answer.status, await body_of(answer)) == (413, b"too big")


async def test_a_client_that_breaks_off_is_not_the_back_end_s_fault() -> None:
    async def reads(talk: Conversation) -> None:
        await talk.request()

    async with Backend(reads) as backend, sender() as http:
        with pytest.raises(FormatError, match="the client has gone"):
            await http.send(request(backend.url, "POST", Pieces([b"12345"], 10, fails_after=1)))
        await backend.all_gone(1)
    assert backend.requests == []


async def test_a_body_that_is_shorter_than_announced_does_not_arrive() -> None:
    async def reads(talk: Conversation) -> None:
        await talk.request()
        await talk.gone()

    async with Backend(reads) as backend, sender() as http:
        with pytest.raises(FormatError, match="not as long as was announced"):
            await http.send(request(backend.url, "POST", Pieces([b"1234"], 5)))
        await backend.all_gone(1)
    assert backend.requests == []


COPIED: dict[str, Any] = {"FORCE_HTTP_CONTENT_LENGTH": "true", "COPY_CONTENT_LENGTH_FROM_INCOMING": "true"}


async def test_the_length_a_client_has_told_goes_with_a_body_that_is_too_large_to_be_counted() -> None:
    stream = Pieces([b"12345", b"67890"], 10)
    async with Backend() as backend, sender(max_body=5) as http:
        await http.send(request(backend.url, "POST", stream, headers={"Content-Length": "10"}, **COPIED))
    [received] = backend.requests
    assert (received.header("Content-Length"), received.body) == ("10", b"1234567890")


async def test_a_payload_that_was_changed_goes_out_with_its_own_length() -> None:
    async with Backend() as backend, sender() as http:
        await http.send(request(backend.url, "POST", b"123", headers={"Content-Length": "10"}, **COPIED))
    [received] = backend.requests
    assert (received.header("Content-Length"), received.body) == ("3", b"123")


@pytest.mark.parametrize("pieces", [[b"1234"], [b"12345", b"6"]], ids=["shorter", "longer"])
async def test_a_length_that_was_not_true_costs_the_request_and_no_other(pieces: list[bytes]) -> None:
    async with Backend() as backend, sender() as http:
        with suppress(FormatError):  # the back end may answer before the byte too many is there
            await http.send(request(backend.url, "POST", Pieces(pieces, 5), **COPIED))
        assert (await http.send(request(backend.url, "POST", b"after", **COPIED))).status == 200
    assert backend.requests[-1].body == b"after"
    assert all(received.body in {b"12345", b"after"} for received in backend.requests)


async def test_a_client_that_stalls_does_not_make_the_back_end_silent() -> None:
    stream = Pieces([b"12345", b"67890"], waits_after=1)
    async with Backend() as backend, sender(socket_timeout=0.2, connection_timeout=LIMIT) as http:
        waiting = asyncio.ensure_future(http.send(request(backend.url, "POST", stream)))
        await asyncio.sleep(0.6)
        stream.may_go_on.set()
        assert (await waiting).status == 200


async def test_a_body_that_has_begun_to_be_sent_is_not_sent_again() -> None:
    async def closes_at_the_second(talk: Conversation) -> None:
        await talk.request()
        await talk.send(OK)
        await talk.begins()

    async with Backend(closes_at_the_second) as backend, sender() as http:
        await http.send(request(backend.url))
        with pytest.raises(EndpointError):
            await http.send(request(backend.url, "PUT", Pieces([b"x"] * 3, 3, waits_after=1)))
    assert backend.connections == 1
