"""Requests and calls that are timed, and back ends that answer 500."""

import asyncio

import pytest
from harness.back_end import OK, Backend, Conversation
from integration.http.sending import body_of, request, sender
from integration.http_server.serving import GET, Client, Engine, Pieces, asked, echo, listening, post

from micro_integrator.observability import get_logger, recorded_lines
from micro_integrator.observability.recording import RecordedLines
from micro_integrator.synapse import Arrival, EndpointError, Headers, MediationError, ReplyChannel
from micro_integrator.transports import ErrorTellingSender, TimedSender, timed, with_id_in_logs

WHOLE = ["REQUEST_HEAD", "REQUEST_DONE", "RESPONSE_HEAD", "RESPONSE_DONE"]
IN_PIECES = [
    "REQUEST_HEAD",
    "REQUEST_BODY",
    "REQUEST_DONE",
    "RESPONSE_HEAD",
    "RESPONSE_BODY",
    "RESPONSE_DONE",
]


def told(lines: RecordedLines) -> list[dict[str, object]]:
    return [dict(record.fields) for record in lines.records if record.names.short == "correlation"]


async def test_a_request_is_timed_until_its_answer_is_sent() -> None:
    async def slow(arrival: Arrival, reply: ReplyChannel) -> None:
        await asyncio.sleep(0.05)
        await echo(arrival, reply)

    with recorded_lines() as lines:
        async with listening(timed(slow)) as listener:
            await asked(listener, post(b"ping", "activityid: c-1", target="/orders?id=1"))
    [found] = told(lines)
    latency = found.pop("latency_ms")
    assert isinstance(latency, int)
    assert 50 <= latency < 5000
    assert found == {
        "kind": "ROUND-TRIP LATENCY",
        "method": "POST",
        "url": "/orders?id=1",
        "status": 200,
        "correlation_id": "c-1",
    }


async def test_a_request_whose_client_has_left_has_no_status() -> None:
    engine = Engine()
    with recorded_lines() as lines:
        async with listening(timed(engine.serve)) as listener:
            async with Client(listener) as client:
                client.send(GET)
                await engine.begun.wait()
            await engine.ended.wait()
    assert [found["status"] for found in told(lines)] == [None]


async def test_of_two_answers_the_first_one_counts() -> None:
    async def twice(arrival: Arrival, reply: ReplyChannel) -> None:
        await echo(arrival, reply)
        await reply.reply(500, arrival.headers, b"")

    with recorded_lines() as lines:
        async with listening(timed(twice)) as listener:
            assert (await asked(listener, GET)).status == 200
    assert [found["status"] for found in told(lines)] == [200]


async def test_what_is_logged_about_a_request_has_its_id() -> None:
    log = get_logger("Test")

    async def speaks(arrival: Arrival, reply: ReplyChannel) -> None:
        await asyncio.sleep(0)
        log.info("working")
        await echo(arrival, reply)

    with recorded_lines() as lines:
        async with listening(with_id_in_logs(speaks)) as listener:
            await asyncio.gather(*(asked(listener, post(b"", f"activityid: c-{n}")) for n in range(3)))
        log.info("later")
    found = [record.fields.get("correlation_id") for record in lines.records if record.names.short == "Test"]
    assert sorted(found[:-1], key=str) == ["c-0", "c-1", "c-2"]
    assert found[-1] is None


async def test_a_call_is_timed_under_the_id_of_its_request() -> None:
    async with Backend() as backend, sender() as http:
        with recorded_lines() as lines:
            answer = await TimedSender(http, "activityid").send(
                request(f"{backend.url}/a", "PUT", b"x", headers={"ActivityId": "c-2"})
            )
    assert answer.status == 200
    [found] = told(lines)
    assert (found["kind"], found["method"], found["url"]) == ("BACKEND LATENCY", "PUT", f"{backend.url}/a")
    assert (found["status"], found["correlation_id"]) == (200, "c-2")


async def test_a_call_that_fails_is_timed_too() -> None:
    async def hangs_up(talk: Conversation) -> None:
        await talk.request()

    async with Backend(hangs_up) as backend, sender() as http:
        with recorded_lines() as lines, pytest.raises(EndpointError):
            await TimedSender(http, "activityid").send(request(backend.url))
    assert [(found["status"], found["correlation_id"]) for found in told(lines)] == [(None, "")]


async def test_a_password_in_an_address_is_not_in_the_log() -> None:
    async with sender() as http:
        with (
            recorded_lines() as lines,
            pytest.raises(MediationError, match="must not hold user and password"),
        ):
            await TimedSender(http, "activityid").send(request("http://nora:hunter22@127.0.0.1/a@b"))
    [found] = told(lines)
    assert found["url"] == "http://127.0.0.1/a@b"
    assert not [line for line in lines.texts() if "hunter22" in line]


def stages(lines: RecordedLines, correlation_id: str) -> list[object]:
    return [found["state"] for found in told(lines) if found["correlation_id"] == correlation_id]


async def test_the_stages_of_requests_are_told_under_the_name_of_their_connection() -> None:
    async def in_pieces(arrival: Arrival, reply: ReplyChannel) -> None:
        if arrival.correlation_id == "c-2":
            async for _ in arrival.body.take_stream() or Pieces([]):
                pass
            await reply.reply(200, Headers(), Pieces([b"a", b"b"]))
        else:
            await echo(arrival, reply)

    large = post(bytes(100_000), "activityid: c-2", target="/large?a=1")
    with recorded_lines() as lines:
        async with listening(in_pieces, tells_stages=True) as listener:
            async with Client(listener) as client:
                await client.ask(post(b"ping", "activityid: c-1"))
                await client.ask(large[:70_000], large[70_000:])
            while listener.connections:
                await asyncio.sleep(0.01)
    assert stages(lines, "c-1") == WHOLE
    assert stages(lines, "c-2") == [*IN_PIECES, "CLOSED"]
    first, *_, last = told(lines)
    assert isinstance(first.pop("latency_ms"), int)
    assert first == {
        "kind": "HTTP State Transition",
        "method": "POST",
        "url": "/orders",
        "connection": "http-incoming-1",
        "state": "REQUEST_HEAD",
        "correlation_id": "c-1",
    }
    assert (last["connection"], last["url"]) == ("http-incoming-1", "/large?a=1")


async def test_the_stages_of_calls_are_told_too() -> None:
    async def chunked(talk: Conversation) -> None:
        await talk.request()
        await talk.send(OK)
        await talk.request()
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
        await may_end.wait()
        await talk.send(b"k")

    may_end = asyncio.Event()
    with recorded_lines() as lines:
        async with Backend(chunked) as backend, sender(tells_stages=True) as http:
            await http.send(request(f"{backend.url}/a", headers={"ActivityId": "c-1"}))
            upload = Pieces([b"x", b"y"], 2)
            answer = await http.send(
                request(f"{backend.url}/b", "PUT", upload, headers={"activityid": "c-2"})
            )
            may_end.set()
            assert await body_of(answer) == b"ok"
            await backend.all_gone(1)
    assert stages(lines, "c-1") == WHOLE
    assert stages(lines, "c-2") == [*IN_PIECES, "CLOSED"]
    assert {found["connection"] for found in told(lines)} == {"http-outgoing-1"}
    assert told(lines)[0]["url"] == f"{backend.url}/a"


async def test_a_call_that_a_back_end_ends_was_told_how_far_it_had_come() -> None:
    async def hangs_up(talk: Conversation) -> None:
        await talk.request()

    with recorded_lines() as lines:
        async with Backend(hangs_up) as backend, sender(tells_stages=True) as http:
            with pytest.raises(EndpointError):
                await http.send(request(backend.url, headers={"activityid": "c-3"}))
    assert stages(lines, "c-3") == ["REQUEST_HEAD", "REQUEST_DONE", "CLOSED"]


@pytest.mark.parametrize(
    ("media_types", "status", "is_told"),
    [
        (["*"], "500 Oh no", True),
        (["text/xml", "Text/Plain"], "500 Oh no", True),
        (["text/xml"], "500 Oh no", False),
        (["*"], "503 Busy", False),
    ],
)
async def test_which_server_errors_are_told(media_types: list[str], status: str, is_told: bool) -> None:
    async def fails(talk: Conversation) -> None:
        await talk.request()
        await talk.answer(b"sorry", "Content-Type: text/plain; charset=utf-8", status=status)

    async with Backend(fails) as backend, sender() as http:
        with recorded_lines() as lines:
            answer = await ErrorTellingSender(http, media_types).send(request(f"{backend.url}/a"))
    assert answer.status == int(status[:3])
    expected = [f"Received an internal server error : 500 Oh no of GET {backend.url}/a"]
    assert lines.texts() == (expected if is_told else [])
