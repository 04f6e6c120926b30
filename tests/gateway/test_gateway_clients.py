"""Bad days of clients: each is ended in time, nobody else notices, nothing stays behind."""

import resource as limits
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest
from gateway.artifacts import api, relay, reply, resource
from gateway.back_end import BackEnd, swallows
from gateway.caller import GET, Caller, post_head
from gateway.footprint import forget_most_resident, most_resident, resident
from gateway.serving_node import SECURED, ServingNode, serving
from harness.back_end import Conversation

pytestmark = pytest.mark.usefixtures("leaves_nothing")

MEGABYTE = 1024 * 1024
IMPATIENT = {"transport.http": {"request_header_timeout": 500, "socket_timeout": 2000}}
"""Milliseconds a client may take for a head, and may be silent in a body or while an answer waits for it."""
BEGINNING = b"GET /here HTTP/1.1\r\nHost: esb.example\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.fixture(scope="module")
def gateway(folder: Path, lasting_back_end: BackEnd) -> Iterator[ServingNode]:
    artifacts = {
        "here": api("here", resource(reply("here"))),
        "relay": relay("relay", lasting_back_end.url),
    }
    with serving(folder / "node", artifacts, {**SECURED, **IMPATIENT}) as started:
        yield started


@contextmanager
def neighbour(gateway: ServingNode) -> Iterator[None]:
    """Somebody on a kept connection who is served before and after, whatever another client does."""
    with Caller(gateway.port) as caller:
        assert caller.get("/here").body == b"here"
        yield
        assert caller.get("/here").body == b"here"


@pytest.mark.parametrize(
    "beginning",
    [BEGINNING, b"G", post_head("/here", 100) + b"half", post_head("/relay", MEGABYTE) + b"a tenth" * 14_000],
    ids=["half-a-head", "one-letter", "half-a-small-body", "a-tenth-of-a-large-body"],
)
def test_half_a_request_is_a_408_and_the_end_of_the_connection(
    gateway: ServingNode, back_end: BackEnd, beginning: bytes
) -> None:
    back_end.script = swallows
    with Caller(gateway.port) as caller:
        caller.send(beginning)
        answer = caller.answer()
        assert (answer.status, answer.headers["connection"]) == (408, "close")
        assert caller.rest() == b""
    gateway.node.wait_logged("refused with 408", "the rest of it did not come in time")


@pytest.mark.parametrize(
    ("flood", "status", "reason"),
    [
        (BEGINNING + b"X: y\r\n" * 300 + b"\r\n", 431, "more than 256 headers"),
        (BEGINNING + b"X-Flood: " + b"x" * 70_000, 431, "the head is larger than 65536 bytes"),
        (b"GET /" + b"x" * 70_000, 414, "the request line is longer than 8192 bytes"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400, "this is not HTTP"),
        (BEGINNING + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "content-length comes twice"),
        (BEGINNING + b"Content-Length: 1\r\n" + CHUNKED, 400, "both Content-Length and Transfer-Encoding"),
        (BEGINNING + CHUNKED + b"xyz\r\n", 400, "is no size of a chunk"),
    ],
    ids=["many", "long", "endless-line", "tls", "two-lengths", "length-and-chunks", "no-chunk"],
)
def test_a_request_that_cannot_be_taken_is_refused_with_its_reason(
    gateway: ServingNode, flood: bytes, status: int, reason: str
) -> None:
    with neighbour(gateway), Caller(gateway.port) as caller:
        caller.send(flood)
        assert caller.answer().status == status
        assert caller.rest() == b""
    gateway.node.wait_logged("[127.0.0.1] refused with", str(status), reason)


def test_a_flood_without_end_is_cut_off(gateway: ServingNode) -> None:
    before = resident(gateway.node)
    forget_most_resident(gateway.node)
    with Caller(gateway.port) as caller:
        caller.send(BEGINNING + b"X-Flood: ")
        assert caller.send_until_stuck(b"x" * (200 * MEGABYTE)) < 50 * MEGABYTE
    assert most_resident(gateway.node) < before + 20 * MEGABYTE


def test_a_client_that_vanishes_takes_the_call_to_the_back_end_with_it(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    back_end.script = swallows
    for number in (1, 2, 3):
        with Caller(gateway.port) as caller:
            caller.send(GET % b"/relay")
            back_end.wait_connected(number)
        back_end.wait_ended(number)


def test_a_client_that_vanishes_within_its_body_leaves_no_half_request_open(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    back_end.script = swallows
    with Caller(gateway.port) as caller:
        caller.send(post_head("/relay", MEGABYTE) + bytes(100_000))
    back_end.wait_ended(1)


def test_a_client_that_vanishes_within_its_answer_stops_the_back_end(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    async def pours(talk: Conversation) -> None:
        await talk.request()
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        while True:
            await talk.send(bytes(MEGABYTE))

    back_end.script = pours
    with Caller(gateway.port) as caller:
        caller.send(GET % b"/relay")
        caller.read(1000)
    back_end.wait_ended(1)


def test_a_client_that_does_not_read_is_let_go_when_its_time_is_over(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    async def pours(talk: Conversation) -> None:
        await talk.request()
        await talk.answer(bytes(50 * MEGABYTE))

    known = len(gateway.node.log())
    back_end.script = pours
    with Caller(gateway.port, receive_buffer=16_384) as caller:
        caller.send(GET % b"/relay")
        gateway.wait_logged_after(known, "WARN", "[127.0.0.1] does not take its answer")
        assert len(caller.rest()) < 50 * MEGABYTE


def test_a_client_that_asks_on_and_never_reads_is_not_listened_to_any_more(gateway: ServingNode) -> None:
    before = resident(gateway.node)
    forget_most_resident(gateway.node)
    with Caller(gateway.port, receive_buffer=16_384) as caller:
        question = BEGINNING + b"\r\n"
        assert caller.send_until_stuck(question * (200 * MEGABYTE // len(question))) < 50 * MEGABYTE
    assert most_resident(gateway.node) < before + 20 * MEGABYTE


def test_pipelined_requests_are_answered_in_their_order(gateway: ServingNode, back_end: BackEnd) -> None:
    async def names_them(talk: Conversation) -> None:
        while True:
            asked = await talk.request()
            await talk.answer(asked.target.encode())

    back_end.script = names_them
    with Caller(gateway.port) as caller:
        caller.send(b"".join(GET % b"/relay/%d" % n for n in range(50)))
        assert [caller.answer().body for _ in range(50)] == [b"/%d" % n for n in range(50)]


def test_a_hundred_clients_that_hang_up_in_the_middle_of_tls_leave_nothing(gateway: ServingNode) -> None:
    whole = _client_hello()
    for number in range(100):
        with Caller(gateway.ports["https"]) as caller:
            caller.send(whole[: number * len(whole) // 100] or b"\x16")


def test_when_files_are_used_up_those_who_are_here_are_served_and_the_others_wait(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    pid, known = gateway.node.process.pid, len(gateway.node.log())
    former = limits.prlimit(pid, limits.RLIMIT_NOFILE)
    with Caller(gateway.port) as served, ExitStack() as crowd:
        assert served.get("/here").body == b"here"
        highest = max(int(entry.name) for entry in Path(f"/proc/{pid}/fd").iterdir())
        limits.prlimit(pid, limits.RLIMIT_NOFILE, (highest + 20, former[1]))
        try:
            callers = [crowd.enter_context(Caller(gateway.port)) for _ in range(60)]
            gateway.wait_logged_after(known, "WARN", "Clients have to wait, raise the limit of open files")
            for caller in callers:
                caller.send(BEGINNING + b"\r\n")
            assert served.get("/here").body == b"here"
            assert served.get("/relay").status == 502  # no file is left for a connection to the back end
            for number, caller in enumerate(callers):
                assert caller.answer().body == b"here", number
                caller.leave()  # makes room for one who waits
        finally:
            limits.prlimit(pid, limits.RLIMIT_NOFILE, former)
        assert served.get("/relay").body == b"ok"
        assert len(back_end.requests) == 1
    told = gateway.node.log()[known:]
    assert told.count("Clients have to wait") == 1


def _client_hello() -> bytes:
    """Return what a client says first when it speaks TLS."""
    said = ssl.MemoryBIO()
    connection = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), said, server_hostname="localhost")
    with suppress(ssl.SSLWantReadError):
        connection.do_handshake()
    return said.read()
