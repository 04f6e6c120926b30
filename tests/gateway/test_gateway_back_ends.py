"""Bad days of back ends: every client gets its answer in time, the log says why, and nothing stays behind."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import h11
import pytest
from gateway.artifacts import api, call, relay, reply, resource
from gateway.back_end import BackEnd, swallows
from gateway.caller import GET, Caller
from gateway.serving_node import ServingNode, serving
from harness.back_end import Conversation, Script
from servers.ports import free_port

pytestmark = pytest.mark.usefixtures("leaves_nothing")

LIMIT_MS = 500
"""What the endpoint of /hurried gives the back end."""
LARGE = 1_000_000
"""Bytes of an answer that is longer than what fits into one read."""


@pytest.fixture(scope="module")
def gateway(folder: Path, lasting_back_end: BackEnd) -> Iterator[ServingNode]:
    url = lasting_back_end.url
    artifacts = {
        "relay": relay("relay", url),
        "hurried": relay("hurried", url, LIMIT_MS),
        "forgetful": relay("forgetful", url, LIMIT_MS, "discard"),
        "prepared": api("prepared", resource(call(url, LIMIT_MS) + "<respond/>", reply("sorry", 503))),
        "nowhere": relay("nowhere", f"http://127.0.0.1:{free_port()}"),
    }
    with serving(folder / "node", artifacts) as started:
        yield started


async def resets(talk: Conversation) -> None:
    await talk.request()
    await talk.reset()


async def closes(talk: Conversation) -> None:
    await talk.request()


async def closes_within_the_head(talk: Conversation) -> None:
    await talk.request()
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-")


async def talks_nonsense(talk: Conversation) -> None:
    await talk.request()
    await talk.send(b"220 mail.example ESMTP\r\n")
    await talk.gone()


async def talks_nonsense_in_its_head(talk: Conversation) -> None:
    await talk.request()
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!")
    await talk.gone()


async def floods_headers(talk: Conversation) -> None:
    await talk.request()
    await talk.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await talk.send(b"X-Flood: " + b"x" * 1000 + b"\r\n")


async def stalls_within_the_body(talk: Conversation) -> None:
    await talk.request()
    await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\nbeginning")
    await talk.gone()


@pytest.mark.parametrize(
    ("script", "line"),
    [
        (resets, "reset the connection before it had answered"),
        (closes, "closed the connection before it had answered"),
        (closes_within_the_head, "closed the connection in the middle of its answer"),
        (talks_nonsense, "does not answer in HTTP"),
        (talks_nonsense_in_its_head, "its length is announced twice"),
        (floods_headers, "its head has more than"),
    ],
)
def test_a_back_end_that_fails_is_a_502_and_one_line_that_names_it(
    gateway: ServingNode, back_end: BackEnd, script: Script, line: str
) -> None:
    known = len(gateway.node.log())
    back_end.script = script
    with Caller(gateway.port) as caller:
        answer = caller.get("/relay/orders")
        assert (answer.status, answer.body) == (502, b"")
        assert back_end.url.removeprefix("http://") in gateway.wait_logged_after(known, "ERROR", line)
        back_end.hang_up()
        assert caller.get("/relay/orders").body == b"ok"


def test_a_back_end_that_refuses_connections_is_a_502(gateway: ServingNode) -> None:
    known = len(gateway.node.log())
    with Caller(gateway.port) as caller:
        assert [caller.get("/nowhere").status for _ in range(3)] == [502] * 3
    gateway.wait_logged_after(known, "ERROR", "Error connecting to the back end: http://127.0.0.1:")


def test_a_back_end_that_stalls_is_a_504_when_its_time_is_over(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    known = len(gateway.node.log())
    back_end.script = swallows
    with Caller(gateway.port) as caller:
        waited = [_seconds_until_answer(caller, "/hurried", 504) for _ in range(3)]
        waited += [_seconds_until_answer(caller, "/forgetful", 504) for _ in range(3)]
    back_end.wait_ended(6)
    assert min(waited) >= LIMIT_MS / 1000
    assert min(waited) < 0.6, "the machine may be busy, but not always"
    assert max(waited) < 5
    expiry = gateway.wait_logged_after(known, "WARN", "after ENDPOINT_TIMEOUT of : 0.5 seconds", back_end.url)
    assert ", Received through API : hurried, Correlation ID : " in expiry


def test_a_fault_sequence_answers_for_a_back_end_that_stalls(gateway: ServingNode, back_end: BackEnd) -> None:
    back_end.script = swallows
    with Caller(gateway.port) as caller:
        answer = caller.get("/prepared")
        assert (answer.status, answer.body) == (503, b"sorry")


def test_bytes_that_come_too_late_are_nobodys_answer(gateway: ServingNode, back_end: BackEnd) -> None:
    async def answers_late(talk: Conversation) -> None:
        await talk.request()
        await asyncio.sleep(LIMIT_MS / 1000 + 0.2)
        await talk.answer(b"late")

    back_end.script = answers_late
    with Caller(gateway.port) as caller:
        assert caller.get("/hurried").status == 504
        back_end.script = _fresh
        for _ in range(5):
            assert caller.get("/hurried").body == b"fresh"
        back_end.wait_ended(1)
        assert caller.get("/hurried").body == b"fresh"


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_kept_connection_that_was_closed_meanwhile_costs_no_request(
    gateway: ServingNode, back_end: BackEnd, method: str
) -> None:
    async def answers_once(talk: Conversation) -> None:
        await talk.request()
        await talk.answer(method.encode())

    back_end.script = answers_once
    with Caller(gateway.port) as caller:
        for number in range(1, 6):
            answer = caller.get("/relay") if method == "GET" else caller.post("/relay", b"order")
            assert (answer.status, answer.body) == (200, method.encode())
            back_end.wait_ended(number)
    assert len(back_end.requests) == 5


async def _closes_on_the_second(talk: Conversation) -> None:
    await talk.request()
    await talk.answer(b"first")
    await talk.request()


def test_a_get_is_sent_again_when_its_kept_connection_dies_under_it(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    back_end.script = _closes_on_the_second
    with Caller(gateway.port) as caller:
        assert [caller.get("/relay").body for _ in range(3)] == [b"first"] * 3
    assert len(back_end.requests) == 5


def test_a_post_is_not_sent_again_when_its_kept_connection_dies_under_it(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    back_end.script = _closes_on_the_second
    with Caller(gateway.port) as caller:
        assert caller.post("/relay", b"one").status == 200
        assert caller.post("/relay", b"two").status == 502
    assert [request.body for request in back_end.requests] == [b"one", b"two"]


@pytest.mark.parametrize("framing", ["Content-Length: 1000000", "Transfer-Encoding: chunked"])
def test_an_answer_that_breaks_off_breaks_off_at_the_client_too(
    gateway: ServingNode, back_end: BackEnd, framing: str
) -> None:
    async def breaks_off(talk: Conversation) -> None:
        await talk.request()
        await talk.send(f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n".encode() + b"8000\r\n" + b"x" * 0x8000)
        await talk.reset()

    known = len(gateway.node.log())
    back_end.script = breaks_off
    with Caller(gateway.port) as caller, pytest.raises((h11.RemoteProtocolError, ConnectionError)):
        caller.get("/relay/large")
    gateway.wait_logged_after(known, "WARN", "The answer to GET /relay/large breaks off")


def test_a_back_end_that_stalls_within_its_answer_is_let_go_with_the_client(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    back_end.script = stalls_within_the_body
    with Caller(gateway.port) as caller:
        caller.send(GET % b"/relay")
        received = b""
        while not received.endswith(b"beginning"):
            received += caller.read(1000)
    back_end.wait_ended(1)


def test_a_back_end_that_answers_before_it_has_heard_everything_is_heard(
    gateway: ServingNode, back_end: BackEnd
) -> None:
    async def refuses_at_once(talk: Conversation) -> None:
        await talk.begins()
        await talk.answer(b"too large", "Connection: close", status="413 Payload Too Large")
        await talk.gone()

    back_end.script = refuses_at_once
    with Caller(gateway.port) as caller:
        answer = caller.post("/relay", b"x" * LARGE)
        assert (answer.status, answer.body) == (413, b"too large")
    back_end.wait_ended(1)


async def _fresh(talk: Conversation) -> None:
    while True:
        await talk.request()
        await talk.answer(b"fresh")


def _seconds_until_answer(caller: Caller, path: str, status: int) -> float:
    begun = time.monotonic()
    assert caller.get(path).status == status
    return time.monotonic() - begun
