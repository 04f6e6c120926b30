"""What a message is told when a back end does not answer as it should."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from harness.back_end import LIMIT, Backend, Conversation, Script
from integration.http.sending import body_of, request, sender
from servers.ports import free_port

from micro_integrator.synapse import EndpointError, MediationError, Request
from micro_integrator.transports import HttpSender


async def failure(http: HttpSender, wanted: Request) -> tuple[object, object, str]:
    """Return code, protocol state and text of the error that `wanted` ends in."""
    with pytest.raises(EndpointError) as caught:
        await http.send(wanted)
    return caught.value.code, getattr(caught.value, "protocol_state", None), str(caught.value)


def says(*pieces: bytes) -> Script:
    """A back end that reads a request and says something, then closes."""

    async def script(talk: Conversation) -> None:
        await talk.request()
        for piece in pieces:
            await talk.send(piece)

    return script


async def hangs(talk: Conversation) -> None:
    await talk.request()
    await talk.gone()


@asynccontextmanager
async def deaf_port() -> AsyncIterator[int]:
    """A port whose queue of connections is full: nobody is refused and nobody gets in."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        held = []
        for _ in range(8):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
            held.append(one)
        yield listening.getsockname()[1]
        for one in held:
            one.close()


async def test_a_port_nobody_listens_on_refuses() -> None:
    port = free_port()
    async with sender() as http:
        code, state, text = await failure(http, request(f"http://127.0.0.1:{port}"))
    assert (code, state) == (101503, 0)
    assert text.startswith(f"Error connecting to the back end: http://127.0.0.1:{port}")


async def test_a_host_that_does_not_exist() -> None:
    async with sender() as http:
        code, state, _ = await failure(http, request("http://nowhere.invalid/"))
    assert (code, state) == (101503, 0)


async def test_a_back_end_that_lets_nobody_in_is_given_up_after_the_connection_time_out() -> None:
    async with deaf_port() as port, sender(connection_timeout=0.2) as http:
        code, state, text = await failure(http, request(f"http://127.0.0.1:{port}"))
    assert (code, state) == (101508, 0)
    assert "within 0.2 s" in text


async def test_the_time_limit_of_a_request_counts_while_it_connects() -> None:
    async with deaf_port() as port, sender(connection_timeout=60.0) as http:
        code, state, text = await failure(http, request(f"http://127.0.0.1:{port}", time_limit=0.2))
    assert (code, state, text) == (101504, 0, "Send timeout")


async def test_a_connection_closed_before_the_answer() -> None:
    async with Backend(says()) as backend, sender() as http:
        code, state, text = await failure(http, request(backend.url))
    assert (code, state) == (101505, 3)
    assert "before it had answered" in text


async def test_a_connection_closed_in_the_middle_of_a_head() -> None:
    async with Backend(says(b"HTTP/1.1 200 OK\r\nContent-Le")) as backend, sender() as http:
        assert (await failure(http, request(backend.url)))[:2] == (101505, 4)


async def test_a_connection_reset_while_the_request_is_sent() -> None:
    async def full(talk: Conversation) -> None:
        await talk.begins()
        await talk.reset()

    async with Backend(full) as backend, sender() as http:
        code, state, _ = await failure(http, request(backend.url, "POST", bytes(32 * 1024 * 1024)))
    assert (code, state) == (101500, 2)


@pytest.mark.parametrize(
    "garbage",
    [
        b"220 mail.example ESMTP\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nno colon here\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n\x00\x01",
    ],
)
async def test_an_answer_that_is_not_http(garbage: bytes) -> None:
    async with Backend(says(garbage)) as backend, sender() as http:
        code, _, text = await failure(http, request(backend.url))
        assert code == 101506
        assert "does not answer in HTTP" in text
        await backend.all_gone(1)


async def test_no_answer_within_the_time_limit() -> None:
    async with Backend(hangs) as backend, sender() as http:
        assert await failure(http, request(backend.url, time_limit=0.2)) == (101504, 3, "Send timeout")
        await backend.all_gone(1)  # the connection is closed, not kept for somebody else


@pytest.mark.parametrize("seconds", [0.05, 0.3])
async def test_time_limits_are_kept_to_a_twentieth_of_a_second_on_old_connections_too(seconds: float) -> None:
    async def only_once(talk: Conversation) -> None:
        await talk.request()
        await talk.answer()
        await hangs(talk)

    woken: list[float] = []
    async with Backend(only_once) as backend, sender() as http:
        await http.send(request(backend.url, time_limit=60.0))
        now = asyncio.get_running_loop().time
        begun, slept = now(), asyncio.ensure_future(asyncio.sleep(seconds))
        slept.add_done_callback(lambda _: woken.append(now()))
        await failure(http, request(backend.url, time_limit=seconds))
        failed = now()
        await slept
    assert begun + seconds - 0.01 <= failed < woken[0] + 0.05  # not later than a timer that does nothing else


async def test_silence_for_longer_than_the_socket_time_out() -> None:
    async with Backend(hangs) as backend, sender(socket_timeout=0.2, connection_timeout=LIMIT) as http:
        code, state, text = await failure(http, request(backend.url))
    assert (code, state) == (101504, 3)
    assert "was silent for 0.2 s" in text


async def test_every_byte_begins_the_socket_time_out_anew() -> None:
    async def drips(talk: Conversation) -> None:
        await talk.request()
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n")
        for _ in range(8):
            await asyncio.sleep(0.1)
            await talk.send(b"x")

    async with Backend(drips) as backend, sender(socket_timeout=0.5, connection_timeout=LIMIT) as http:
        assert await body_of(await http.send(request(backend.url))) == b"xxxxxxxx"


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 70_000,
        b"HTTP/1.1 200 OK\r\n" + b"X-Many: 1\r\n" * 300 + b"\r\n",
    ],
)
async def test_a_head_larger_than_permitted(head: bytes) -> None:
    async with Backend(says(head)) as backend, sender() as http:
        assert (await failure(http, request(backend.url)))[0] == 101510


async def test_an_answer_given_before_the_request_was_read_counts_and_ends_the_connection() -> None:
    async def hasty(talk: Conversation) -> None:
        await talk.send(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
        await talk.gone()

    async with Backend(hasty) as backend, sender() as http:
        answer = await http.send(request(backend.url, "POST", bytes(32 * 1024 * 1024)))
        assert answer.status == 413
        await backend.all_gone(1)


async def test_a_cancelled_request_closes_its_connection() -> None:
    async def signals(talk: Conversation) -> None:
        await talk.request()
        asked.set()
        await talk.gone()

    asked = asyncio.Event()
    async with Backend(signals) as backend, sender() as http:
        waiting = asyncio.ensure_future(http.send(request(backend.url)))
        await asked.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await backend.all_gone(1)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://127.0.0.1/", "is not a URL that begins with http"),
        ("/orders", "is not a URL"),
        ("http:///orders", "names no host"),
        ("http://127.0.0.1:99999/", "its port is not from 1 to 65535"),
        ("http://user:secret@127.0.0.1/", "must not hold user and password"),
        ("user:secret@127.0.0.1/", "'…@127.0.0.1/' is not a URL"),
        ("http://a b/", "names no host"),
    ],
)
async def test_a_url_nobody_can_send_to_is_the_message_s_fault_not_the_back_end_s(
    url: str, reason: str
) -> None:
    async with sender() as http:
        with pytest.raises(MediationError, match=reason) as caught:
            await http.send(request(url))
    assert not isinstance(caught.value, EndpointError)
    assert "secret" not in str(caught.value)


async def test_a_message_cannot_lead_to_an_address_that_hands_out_credentials(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "micro_integrator.transports.http.client.back_end_socket.is_guarded", lambda peer: peer == "127.0.0.1"
    )
    async with Backend() as backend, sender() as http:
        with pytest.raises(MediationError, match="only literal text of an artifact may name") as caught:
            await http.send(request(backend.url))
        assert caught.value.code == 101503
        assert backend.requests == []
        assert (await http.send(request(backend.url, is_static=True))).status == 200


async def test_what_must_not_leave_any_more_does_not() -> None:
    class TooLate(Exception):
        pass

    def refuse() -> None:
        raise TooLate

    async with Backend() as backend, sender() as http:
        await http.send(request(backend.url))
        with pytest.raises(TooLate):
            await http.send(request(backend.url, before_sending=refuse))
        assert len(backend.requests) == 1
        await backend.all_gone(1)
    assert backend.connections == 1
