"""What the engine is told of a request, and what the client gets of an answer."""

import asyncio

import pytest
from integration.http_server.serving import GET, Client, Engine, Pieces, asked, echo, listening, post

from micro_integrator.observability import recorded_lines
from micro_integrator.synapse import Arrival, EndpointError, Headers, MediationError, ReplyChannel


async def test_the_engine_is_told_everything_about_a_request() -> None:
    engine = Engine()
    engine.release.set()
    async with listening(engine.serve) as listener:
        await asked(
            listener,
            b"PUT /a?b=c HTTP/1.1\r\nHost: esb.example:80\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 2\r\n\r\nhi",
        )
    arrival = engine.arrivals[0]
    assert (arrival.method, arrival.target, arrival.scheme, arrival.host) == (
        "PUT",
        "/a?b=c",
        "http",
        "esb.example",
    )
    sent = [("Host", "esb.example:80"), ("X-A", "1"), ("x-a", "2"), ("Content-Length", "2")]
    expected = [*sent, ("activityid", arrival.correlation_id)]
    assert sorted(arrival.headers.fields()) == sorted(expected), "as if the client had made one"
    assert (arrival.port, arrival.remote) == (listener.ports["http"], "127.0.0.1")
    assert arrival.body.content_type == "application/octet-stream"
    assert not arrival.body.is_unread


async def test_a_request_without_a_body_has_no_type_and_is_for_this_node() -> None:
    engine = Engine()
    engine.release.set()
    async with listening(engine.serve) as listener:
        await asked(listener, b"GET / HTTP/1.0\r\n\r\n")
    assert engine.arrivals[0].body.is_empty
    assert (engine.arrivals[0].body.content_type, engine.arrivals[0].host) == ("", "localhost")


async def test_requests_follow_each_other_on_one_connection() -> None:
    async with listening(echo) as listener, Client(listener) as client:
        for number in range(3):
            answer = await client.ask(post(b"x" * number))
            assert (answer.status, answer.body) == (200, b"POST /orders " + b"x" * number)
            assert answer.header("Connection") is None


async def test_pipelined_requests_are_answered_in_their_order() -> None:
    async def slow_first(arrival: Arrival, reply: ReplyChannel) -> None:
        await asyncio.sleep(0.05 if arrival.target == "/1" else 0)
        await reply.reply(200, Headers(), arrival.target.encode())

    async with listening(slow_first) as listener, Client(listener) as client:
        client.send(b"".join(b"GET /%d HTTP/1.1\r\nHost: a\r\n\r\n" % number for number in range(1, 6)))
        assert [(await client.answer()).body for _ in range(5)] == [b"/1", b"/2", b"/3", b"/4", b"/5"]


async def test_a_client_that_pipelines_without_end_is_held_up() -> None:
    engine = Engine()
    async with listening(engine.serve) as listener, Client(listener) as client:
        client.send(GET)
        await engine.begun.wait()
        assert await client.flood(GET * 5000, 0.2) < 32 * 1024 * 1024
        assert len(engine.arrivals) == 1


async def test_a_given_correlation_id_is_kept_and_a_missing_one_made() -> None:
    engine = Engine()
    engine.release.set()
    async with listening(engine.serve, correlation_header_name="X-Trace") as listener:
        given = await asked(listener, b"GET / HTTP/1.1\r\nHost: a\r\nx-trace: t-1\r\n\r\n")
        made = [await asked(listener, GET) for _ in range(2)]
    assert (engine.arrivals[0].correlation_id, given.header("X-Trace")) == ("t-1", "t-1")
    ids = [arrival.correlation_id for arrival in engine.arrivals[1:]]
    assert [answer.header("X-Trace") for answer in made] == ids
    assert len(set(ids)) == 2
    assert all(len(one) == 36 for one in ids)


async def test_a_flow_that_ends_without_an_answer_is_accepted() -> None:
    async def silent(arrival: Arrival, reply: ReplyChannel) -> None:
        """Say nothing."""

    async with listening(silent) as listener, Client(listener) as client:
        for _ in range(2):
            answer = await client.ask(GET)
            assert (answer.status, answer.body, answer.header("Content-Length")) == (202, b"", "0")


async def test_an_engine_that_fails_costs_one_answer_and_no_connection() -> None:
    async def failing(arrival: Arrival, reply: ReplyChannel) -> None:
        raise RuntimeError("out of order")

    with recorded_lines() as lines:
        async with listening(failing) as listener, Client(listener) as client:
            assert [(await client.ask(GET)).status for _ in range(2)] == [500, 500]
    assert lines.texts().count("GET /orders failed: RuntimeError('out of order')") == 2


async def test_a_second_answer_is_dropped_with_a_warning() -> None:
    async def twice(arrival: Arrival, reply: ReplyChannel) -> None:
        await reply.reply(200, Headers(), b"first")
        assert reply.is_answered
        await reply.reply(500, Headers(), b"second")

    with recorded_lines() as lines:
        async with listening(twice) as listener, Client(listener) as client:
            assert [(await client.ask(GET)).body for _ in range(2)] == [b"first", b"first"]
    assert lines.texts().count("Trying to send a response to an already responded client request") == 2


async def test_a_late_answer_never_reaches_the_next_request() -> None:
    async def late(arrival: Arrival, reply: ReplyChannel) -> None:
        if arrival.target == "/first":
            await reply.reply(202, Headers(), b"")
            await second.wait()
            await reply.reply(200, Headers(), b"late")
            done.set()
        else:
            second.set()
            await done.wait()
            await reply.reply(200, Headers(), b"right")

    second, done = asyncio.Event(), asyncio.Event()
    async with listening(late) as listener, Client(listener) as client:
        assert (await client.ask(b"GET /first HTTP/1.1\r\nHost: a\r\n\r\n")).status == 202
        assert (await client.ask(GET)).body == b"right"


async def test_an_answer_that_cannot_be_written_may_be_replaced() -> None:
    async def forging(arrival: Arrival, reply: ReplyChannel) -> None:
        with pytest.raises(MediationError):
            await reply.reply(200, Headers([("X-A", "1\r\nX-B: 2")]), b"")
        await reply.reply(500, Headers(), b"sorry")

    async with listening(forging) as listener:
        answer = await asked(listener, GET)
    assert (answer.status, answer.body, answer.header("X-B")) == (500, b"sorry", None)


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304), ("GET", 205)])
async def test_answers_without_a_body_have_none(method: str, status: int) -> None:
    async def talkative(arrival: Arrival, reply: ReplyChannel) -> None:
        body = Pieces([b"never"], 5) if arrival.target == "/stream" else b"never"
        await reply.reply(status, Headers(), body)
        if isinstance(body, Pieces):
            assert body.is_abandoned

    async with listening(talkative) as listener, Client(listener) as client:
        for target in ("/bytes", "/stream"):
            client.send(f"{method} {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
            answer = await client.answer(has_body=False)
            length = {"HEAD": "5"}.get(method, "0" if status == 205 else None)
            assert (answer.status, answer.header("Content-Length")) == (status, length)
            assert answer.header("Transfer-Encoding") is None


async def test_a_head_request_learns_the_length_the_back_end_tells() -> None:
    async def head(arrival: Arrival, reply: ReplyChannel) -> None:
        await reply.reply(200, Headers([("Content-Length", "4711")]), b"")

    async with listening(head) as listener, Client(listener) as client:
        client.send(b"HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
        assert (await client.answer(has_body=False)).header("Content-Length") == "4711"


@pytest.mark.parametrize(
    ("length", "framing"), [(None, ("chunked", None)), (9, (None, "9"))], ids=["chunked", "counted"]
)
async def test_a_stream_goes_out_piece_by_piece(
    length: int | None, framing: tuple[str | None, str | None]
) -> None:
    async def streaming(arrival: Arrival, reply: ReplyChannel) -> None:
        await reply.reply(200, Headers(), Pieces([b"one", b"", b"two", b"six"], length))

    async with listening(streaming) as listener, Client(listener) as client:
        for _ in range(2):
            answer = await client.ask(GET)
            assert answer.body == b"onetwosix"
            assert (answer.header("Transfer-Encoding"), answer.header("Content-Length")) == framing


async def test_an_old_client_gets_a_stream_until_the_connection_ends() -> None:
    async def streaming(arrival: Arrival, reply: ReplyChannel) -> None:
        await reply.reply(200, Headers(), Pieces([b"one", b"two"]))

    async with listening(streaming) as listener:
        answer = await asked(listener, b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert (answer.version, answer.body, answer.header("Connection")) == ("HTTP/1.0", b"onetwo", "close")


async def test_an_old_client_may_ask_to_stay() -> None:
    async with listening(echo) as listener, Client(listener) as client:
        for _ in range(2):
            answer = await client.ask(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert answer.header("Connection") == "keep-alive"
        assert (await client.ask(b"GET / HTTP/1.0\r\n\r\n")).header("Connection") == "close"
        assert await client.rest() == b""


@pytest.mark.parametrize(
    "stream",
    [Pieces([b"one"], 9), Pieces([b"onetwosix", b"more"], 9), Pieces([b"one"], None, EndpointError("reset"))],
    ids=["too short", "too long", "broken"],
)
async def test_a_stream_that_does_not_end_well_cuts_the_connection(stream: Pieces) -> None:
    async def streaming(arrival: Arrival, reply: ReplyChannel) -> None:
        await reply.reply(200, Headers(), stream)

    with recorded_lines() as lines:
        async with listening(streaming) as listener, Client(listener) as client:
            client.send(GET)
            rest = await client.rest()
    assert not rest.endswith(b"0\r\n\r\n")
    assert b"more" not in rest
    assert any("The answer to GET /orders breaks off" in line for line in lines.texts())
    assert stream.is_abandoned


@pytest.mark.parametrize("line", [b"Connection: close", b"Connection: foo, Close"])
async def test_a_client_that_wants_to_leave_is_let_go(line: bytes) -> None:
    async with listening(echo) as listener, Client(listener) as client:
        answer = await client.ask(b"GET / HTTP/1.1\r\nHost: a\r\n" + line + b"\r\n\r\n")
        assert answer.header("Connection") == "close"
        assert await client.rest() == b""


async def test_connections_may_be_told_to_serve_once() -> None:
    async with listening(echo, disable_connection_keepalive=True) as listener, Client(listener) as client:
        assert (await client.ask(GET)).header("Connection") == "close"
        assert await client.rest() == b""


@pytest.mark.parametrize("body", [b"done", Pieces([b"do", b"ne"])], ids=["bytes", "stream"])
async def test_an_answer_may_be_the_last_one_of_its_connection(body: bytes | Pieces) -> None:
    async def closing(arrival: Arrival, reply: ReplyChannel) -> None:
        await reply.reply(200, Headers(), body, is_last=True)

    async with listening(closing) as listener, Client(listener) as client:
        answer = await client.ask(GET)
        assert (answer.header("Connection"), answer.body) == ("close", b"done")
        assert await client.rest() == b""


async def test_a_refused_request_is_answered_and_told_once() -> None:
    engine = Engine()
    with recorded_lines() as lines:
        async with listening(engine.serve) as listener:
            for _ in range(3):
                async with Client(listener) as client:
                    client.send(
                        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
                    )
                    answer = await client.answer()
                    assert (answer.status, answer.body, answer.header("Connection")) == (400, b"", "close")
                    assert await client.rest() == b""
    refusals = [line for line in lines.texts() if "refused" in line]
    assert refusals == [
        "Request of [127.0.0.1] refused with 400: there are both Content-Length and Transfer-Encoding"
    ]
    assert not engine.arrivals


async def test_what_a_client_writes_in_place_of_a_chunk_cannot_fill_the_log() -> None:
    with recorded_lines() as lines:
        async with listening(echo) as listener:
            for number in range(3):
                head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                assert (await asked(listener, head, b"no. %d\r\n" % number)).status == 400
    assert [line for line in lines.texts() if "refused" in line] == [
        "Request of [127.0.0.1] refused with 400: b'no. 0' is no size of a chunk"
    ]


async def test_a_large_head_is_refused_while_it_still_arrives() -> None:
    async with listening(echo) as listener, Client(listener) as client:
        client.send(b"GET / HTTP/1.1\r\n", *(b"X-%d: %s\r\n" % (number, b"y" * 1000) for number in range(70)))
        assert (await client.answer()).status == 431
    async with listening(echo) as listener, Client(listener) as client:
        client.send(b"GET /" + b"y" * 9000)
        assert (await client.answer()).status == 414
