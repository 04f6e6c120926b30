"""Large bodies pass through without being kept, at the pace of whoever is slowest."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway.artifacts import api, relay, reply, resource
from gateway.back_end import BackEnd
from gateway.caller import GET, Caller, post_head
from gateway.certificates import trusting
from gateway.footprint import forget_most_resident, most_resident, resident
from gateway.serving_node import SECURED, ServingNode, serving
from harness.back_end import Conversation
from harness.waiting import LIMIT

pytestmark = pytest.mark.usefixtures("leaves_nothing")

MEGABYTE = 1024 * 1024
LARGE = 100 * MEGABYTE
KEPT = 20 * MEGABYTE
"""Bytes that a node may keep of a body, and as much again in the buffers of the kernel on its way."""
LAST_GET = b"GET /relay HTTP/1.1\r\nHost: esb.example\r\nConnection: close\r\n\r\n"
SMALL_BUFFER = 64 * 1024
BLOCK = b"0123456789abcdef" * 65_536


SCHEMES = ("http", "https")
OWN_CERTIFICATE = "repository/resources/security/self-signed.pem"


def connected(gateway: ServingNode, scheme: str, receive_buffer: int | None = None) -> Caller:
    """Return a client that has connected by HTTP or HTTPS."""
    pem = (gateway.home.root / OWN_CERTIFICATE).read_bytes()
    return Caller(gateway.ports[scheme], trusting(pem) if scheme == "https" else None, receive_buffer)


@pytest.fixture(scope="module")
def gateway(folder: Path, lasting_back_end: BackEnd) -> Iterator[ServingNode]:
    artifacts = {"relay": relay("relay", lasting_back_end.url), "deaf": api("deaf", resource(reply("heard")))}
    with serving(folder / "node", artifacts, SECURED) as started:
        for scheme in SCHEMES:
            with connected(started, scheme) as caller:
                assert (
                    caller.get("/relay").status == 200
                )  # what is made once for the first request is no growth
        lasting_back_end.hang_up()
        yield started


@pytest.fixture
def keeps_little(gateway: ServingNode) -> Iterator[None]:
    """During the test the node needs little memory beyond what it needed before."""
    before = resident(gateway.node)
    forget_most_resident(gateway.node)
    yield
    assert most_resident(gateway.node) < before + KEPT


@pytest.mark.usefixtures("keeps_little")
@pytest.mark.parametrize("is_chunked", [False, True], ids=["counted", "chunked"])
def test_an_upload_of_100_mb_passes_through(
    gateway: ServingNode, back_end: BackEnd, is_chunked: bool
) -> None:
    back_end.script = _counts_chunks if is_chunked else _counts
    with Caller(gateway.port) as caller:
        if is_chunked:
            caller.send(b"POST /relay HTTP/1.1\r\nHost: esb.example\r\nTransfer-Encoding: chunked\r\n\r\n")
        else:
            caller.send(post_head("/relay", LARGE))
        for _ in range(LARGE // MEGABYTE):
            caller.send(b"100000\r\n" + BLOCK + b"\r\n" if is_chunked else BLOCK)
        if is_chunked:
            caller.send(b"0\r\n\r\n")
        assert caller.answer().body == str(LARGE).encode()


@pytest.mark.usefixtures("keeps_little")
def test_who_uploads_what_nobody_reads_gets_the_answer(gateway: ServingNode) -> None:
    with Caller(gateway.port) as caller:
        caller.send(post_head("/deaf", 12 * MEGABYTE))  # more than a payload that is read may have
        for _ in range(12):
            caller.send(BLOCK)
        answer = caller.answer()
    assert (answer.status, answer.body) == (200, b"heard")


@pytest.mark.usefixtures("keeps_little")
@pytest.mark.parametrize("is_chunked", [False, True], ids=["counted", "chunked"])
def test_a_download_of_100_mb_passes_through(
    gateway: ServingNode, back_end: BackEnd, is_chunked: bool
) -> None:
    back_end.script = _pours_chunks if is_chunked else _Pouring()
    with Caller(gateway.port) as caller:
        caller.send(LAST_GET)
        size = 0
        while piece := caller.read(MEGABYTE):
            size += len(piece)
    assert LARGE < size < LARGE + LARGE // 100


@pytest.mark.usefixtures("keeps_little")
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_client_that_reads_slowly_slows_down_the_back_end(
    gateway: ServingNode, back_end: BackEnd, scheme: str
) -> None:
    back_end.script = pouring = _Pouring()
    with connected(gateway, scheme, SMALL_BUFFER) as caller:
        caller.send(LAST_GET)
        size, furthest_ahead = 0, 0
        while piece := caller.read(SMALL_BUFFER):
            size += len(piece)
            furthest_ahead = max(furthest_ahead, pouring.sent - size)
    assert size > LARGE
    assert furthest_ahead < 2 * KEPT


@pytest.mark.usefixtures("keeps_little")
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_back_end_that_reads_slowly_slows_down_the_client(
    gateway: ServingNode, back_end: BackEnd, scheme: str
) -> None:
    gate = back_end.gate()

    async def reads_later(talk: Conversation) -> None:
        await gate.passed()
        await _counts(talk)

    back_end.script = reads_later
    with connected(gateway, scheme) as caller:
        caller.send(post_head("/relay", LARGE))
        sent = caller.send_until_stuck(bytes(LARGE))
        assert sent < 2 * KEPT
        gate.open()
        caller.send(bytes(LARGE - sent))
        assert caller.answer().body == str(LARGE).encode()


def test_a_client_that_writes_slowly_is_heard_while_it_writes(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    is_begun = threading.Event()

    async def hears(talk: Conversation) -> None:
        await talk.begins()
        is_begun.set()
        await _counts(talk)

    back_end.script = hears
    with Caller(gateway.port) as caller:
        caller.send(post_head("/relay", MEGABYTE) + BLOCK[:SMALL_BUFFER])
        assert is_begun.wait(LIMIT)
        for place in range(SMALL_BUFFER, MEGABYTE, SMALL_BUFFER):
            caller.send(BLOCK[place : place + SMALL_BUFFER])
        assert caller.answer().body == str(MEGABYTE).encode()


def test_a_back_end_that_writes_slowly_is_heard_while_it_writes(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    gate = back_end.gate()

    async def writes_later(talk: Conversation) -> None:
        await talk.request()
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfirst")
        await gate.passed()
        await talk.send(b"later")

    back_end.script = writes_later
    with Caller(gateway.port) as caller:
        caller.send(GET % b"/relay")
        received = b""
        while not received.endswith(b"first"):
            received += caller.read(SMALL_BUFFER)
        gate.open()
        assert caller.read(SMALL_BUFFER) == b"later"


def test_a_client_that_expects_to_be_told_is_told_to_go_on(gateway: ServingNode, back_end: BackEnd) -> None:
    back_end.script = _counts
    with Caller(gateway.port) as caller:
        caller.send(post_head("/relay", MEGABYTE, "Expect: 100-continue"))
        assert caller.read(SMALL_BUFFER) == b"HTTP/1.1 100 Continue\r\n\r\n"
        caller.send(BLOCK)
        assert caller.answer().body == str(MEGABYTE).encode()


class _Pouring:
    """Sends a large answer, as fast as it is taken."""

    def __init__(self) -> None:
        self.sent = 0
        """Bytes of the body so far."""

    async def __call__(self, talk: Conversation) -> None:
        await talk.request()
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % LARGE)
        for _ in range(LARGE // MEGABYTE):
            await talk.send(BLOCK)
            self.sent += MEGABYTE


async def _pours_chunks(talk: Conversation) -> None:
    await talk.request()
    await talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(LARGE // MEGABYTE):
        await talk.send(b"100000\r\n" + BLOCK + b"\r\n")
    await talk.send(b"0\r\n\r\n")


async def _counts(talk: Conversation) -> None:
    size = await talk.counted()
    await talk.answer(str(size).encode())


async def _counts_chunks(talk: Conversation) -> None:
    size = await talk.counted_chunks()
    await talk.answer(str(size).encode())
