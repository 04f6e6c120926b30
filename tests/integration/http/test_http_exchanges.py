"""What goes over the wire, and what comes back, when nothing goes wrong."""

from typing import Any

import pytest
from harness.back_end import Backend, Conversation
from integration.http.sending import body_of, request, sender

from micro_integrator.synapse import MediationError


async def test_a_request_and_its_answer() -> None:
    async with Backend() as backend, sender() as http:
        answer = await http.send(request(f"{backend.url}/orders?id=7#part", headers={"X-Run": "1"}))
    assert (answer.status, answer.reason, answer.headers["content-type"]) == (200, "OK", "text/plain")
    assert answer.body.content() is not None
    [received] = backend.requests
    assert (received.method, received.target, received.version) == ("GET", "/orders?id=7", "HTTP/1.1")
    assert received.fields == [
        ("Host", f"127.0.0.1:{backend.port}"),
        ("X-Run", "1"),
        ("User-Agent", "Synapse-PT-HttpComponents-NIO"),
    ]


async def test_a_body_is_chunked() -> None:
    async with Backend() as backend, sender() as http:
        await http.send(request(backend.url, "POST", b"<order/>"))
    [received] = backend.requests
    assert (received.target, received.body) == ("/", b"<order/>")
    assert received.header("Transfer-Encoding") == "chunked"
    assert received.header("Content-Length") is None


@pytest.mark.parametrize("option", ["DISABLE_CHUNKING", "FORCE_HTTP_CONTENT_LENGTH", "FORCE_HTTP_1.0"])
async def test_a_body_is_counted_where_the_message_asks_for_it(option: str) -> None:
    options: dict[str, Any] = {option: "true"}
    async with Backend() as backend, sender() as http:
        await http.send(request(backend.url, "POST", b"12345", **options))
    [received] = backend.requests
    assert (received.body, received.header("Content-Length")) == (b"12345", "5")
    assert received.header("Transfer-Encoding") is None
    assert received.version == ("HTTP/1.0" if option == "FORCE_HTTP_1.0" else "HTTP/1.1")


async def test_a_body_that_does_not_fit_into_one_write_arrives_whole() -> None:
    body = bytes(range(256)) * 8192
    async with Backend() as backend, sender() as http:
        await http.send(request(backend.url, "PUT", body))
    assert backend.requests[0].body == body


async def test_a_post_without_a_body_says_so() -> None:
    async with Backend() as backend, sender() as http:
        await http.send(request(backend.url, "POST"))
        await http.send(request(backend.url, "DELETE"))
    assert [received.header("Content-Length") for received in backend.requests] == ["0", None]


async def test_the_request_line_can_hold_the_whole_url() -> None:
    async with Backend() as backend, sender() as http:
        await http.send(request(f"{backend.url}/a", POST_TO_URI=True, REQUEST_HOST_HEADER="orders.example"))
    [received] = backend.requests
    assert (received.target, received.header("Host")) == (f"{backend.url}/a", "orders.example")


async def test_headers_of_one_hop_and_those_of_the_sender_do_not_go_out() -> None:
    given = {
        "Connection": "keep-alive, X-Private",
        "X-Private": "1",
        "Keep-Alive": "timeout=5",
        "TE": "trailers",
        "Transfer-Encoding": "gzip",
        "Content-Length": "999",
        "Proxy-Authorization": "Basic x",
        "Host": "elsewhere",
        "Date": "yesterday",
        "User-Agent": "me",
        "Server": "theirs",
        "X-Kept": "yes",
    }
    async with Backend() as backend, sender(preserve_http_server_name=False) as http:
        await http.send(request(backend.url, "POST", b"x", headers=given))
    names = {name.lower() for name, _ in backend.requests[0].fields}
    assert names == {"host", "x-kept", "user-agent", "transfer-encoding"}
    assert backend.requests[0].header("Host") == f"127.0.0.1:{backend.port}"
    assert backend.requests[0].header("User-Agent") == "Synapse-PT-HttpComponents-NIO"


async def test_an_expectation_that_the_listener_has_met_is_not_passed_on() -> None:
    expecting = {"Expect": "100-continue"}
    async with Backend() as backend:
        async with sender() as http:
            await http.send(request(backend.url, "POST", b"x", headers=expecting))
        async with sender(preserve_http_headers=("Expect",)) as http:
            await http.send(request(backend.url, "POST", b"x", headers=expecting))
    assert [received.header("Expect") for received in backend.requests] == [None, "100-continue"]


async def test_preserved_headers_go_out_as_the_message_has_them() -> None:
    given = {"Host": "elsewhere", "User-Agent": "me", "Date": "yesterday"}
    async with (
        Backend() as backend,
        sender(preserve_http_headers=("Host", "date"), preserve_http_user_agent=True) as http,
    ):
        await http.send(request(backend.url, headers=given))
    assert {name: backend.requests[0].header(name) for name in given} == given


@pytest.mark.parametrize("value", ["a\r\nX-Forged: 1", "a\nb", "a\rb", "a\0b"])
async def test_a_header_cannot_forge_another_one(value: str) -> None:
    async with Backend() as backend, sender() as http:
        with pytest.raises(MediationError, match="header X-Name has a line break or a NUL"):
            await http.send(request(backend.url, headers={"X-Name": value}))
        with pytest.raises(MediationError, match="cannot be the name of a header"):
            await http.send(request(backend.url, headers={value: "1"}))
        with pytest.raises(MediationError, match="cannot be the name of a header or a method"):
            await http.send(request(backend.url, value))
    assert backend.connections == 0


async def test_a_chunked_answer_comes_back_in_one_piece_whatever_the_pieces_on_the_wire() -> None:
    wire = (
        b"HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\nContent-Type: application/json\r\n\r\n"
        b'4;a=b\r\n{"a"\r\n5\r\n:"b"}\r\n0\r\nX-Trailer: 1\r\n\r\n'
    )

    async def drop_by_drop(talk: Conversation) -> None:
        while True:
            await talk.request()
            for position in range(len(wire)):
                await talk.send(wire[position : position + 1])

    async with Backend(drop_by_drop) as backend, sender() as http:
        for _ in range(2):
            answer = await http.send(request(backend.url))
            assert (answer.reason, await body_of(answer)) == ("Fine", b'{"a":"b"}')
            assert "X-Trailer" not in answer.headers
    assert backend.connections == 1


async def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    async def until_close(talk: Conversation) -> None:
        await talk.request()
        await talk.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\nall ")
        await talk.send(b"of it")

    async with Backend(until_close) as backend, sender() as http:
        answer = await http.send(request(backend.url))
        assert await body_of(answer) == b"all of it"


@pytest.mark.parametrize(
    ("method", "head"),
    [
        ("HEAD", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"),
        ("HEAD", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        ("GET", b"HTTP/1.1 204 No Content\r\n\r\n"),
        ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n"),
    ],
)
async def test_an_answer_without_a_body_is_complete_with_its_head(method: str, head: bytes) -> None:
    async def headless(talk: Conversation) -> None:
        while True:
            await talk.request()
            await talk.send(head)

    async with Backend(headless) as backend, sender() as http:
        for _ in range(3):
            answer = await http.send(request(backend.url, method))
            assert answer.body.is_empty
            assert answer.headers.get("Content-Length") == ("1000" if b"1000" in head else None)
    assert backend.connections == 1


async def test_informational_answers_are_passed_over() -> None:
    async def chatty(talk: Conversation) -> None:
        await talk.request()
        await talk.send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nX-Early: 1\r\n\r\n")
        await talk.send(
            b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
        )

    async with Backend(chatty) as backend, sender() as http:
        answer = await http.send(request(backend.url, "POST", b"x"))
    assert (answer.status, answer.reason, dict(answer.headers)) == (201, "Created", {"Content-Length": "0"})


async def test_redirects_and_errors_are_answers_like_any_other() -> None:
    async def moved(talk: Conversation) -> None:
        await talk.request()
        await talk.answer(b"", "Location: http://127.0.0.1:1/", status="308 Permanent Redirect")
        await talk.request()
        await talk.answer(b"down", status="503 Service Unavailable")

    async with Backend(moved) as backend, sender() as http:
        answers = [await http.send(request(backend.url)) for _ in range(2)]
    assert [answer.status for answer in answers] == [308, 503]
    assert answers[0].headers["Location"] == "http://127.0.0.1:1/"


async def test_repeated_headers_keep_all_their_values() -> None:
    async def twice(talk: Conversation) -> None:
        await talk.request()
        await talk.answer(b"", "Vary: a", "vary: b", "Set-Cookie: one=1", "Set-Cookie: two=2")

    async with Backend(twice) as backend, sender() as http:
        answer = await http.send(request(backend.url))
    assert (answer.headers["Vary"], answer.headers["Set-Cookie"]) == ("a", "one=1")
    assert [value for _, value in answer.headers.repeated] == ["b", "two=2"]


@pytest.mark.parametrize(
    ("status", "location", "seen"),
    [
        ("200 OK", "http://inside:81/a?b=1#c", "http://gateway:8290/a?b=1#c"),
        ("202 Accepted", "http://inside", "http://gateway:8290/"),
        ("200 OK", "/a", "/a"),
        ("201 Created", "http://inside/a", "http://inside/a"),
        ("308 Permanent Redirect", "http://inside/a", "http://inside/a"),
    ],
)
async def test_a_location_leads_back_to_us_where_nothing_was_made_or_moved(
    status: str, location: str, seen: str
) -> None:
    async def located(talk: Conversation) -> None:
        await talk.request()
        await talk.answer(b"", f"Location: {location}", status=status)

    for preserved, expected in (((), seen), (("Location",), location)):
        async with Backend(located) as backend, sender(preserve_http_headers=preserved) as http:
            answer = await http.send(request(backend.url, SERVICE_PREFIX="http://gateway:8290/"))
        assert answer.headers["Location"] == expected


async def test_headers_that_connection_names_stay_on_their_hop_both_ways() -> None:
    async def named(talk: Conversation) -> None:
        await talk.request()
        await talk.answer(b"", "Connection: X-Hop", "X-Hop: 1", "X-End: 2")

    async with Backend(named) as backend, sender() as http:
        answer = await http.send(request(backend.url, headers={"Connection": "X-Own", "X-Own": "1"}))
    assert ("X-Hop" in answer.headers, answer.headers["X-End"]) == (False, "2")
    assert backend.requests[0].header("X-Own") is None


async def test_second_values_of_a_header_go_out_too() -> None:
    repeated = [("X-Role", "two"), ("Cookie", "b=2")]
    async with Backend() as backend, sender() as http:
        wanted = request(backend.url, headers={"X-Role": "one"}, EXCESS_TRANSPORT_HEADERS=repeated)
        await http.send(wanted)
    fields = backend.requests[0].fields
    assert [value for name, value in fields if name == "X-Role"] == ["one", "two"]
    assert ("Cookie", "b=2") in fields


async def test_an_old_back_end_that_keeps_its_connection_is_asked_on_it_again() -> None:
    async def old(talk: Conversation) -> None:
        while True:
            await talk.request()
            await talk.send(b"HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok")

    async with Backend(old) as backend, sender() as http:
        for _ in range(3):
            assert await body_of(await http.send(request(backend.url))) == b"ok"
    assert backend.connections == 1


async def test_bytes_without_a_type_are_just_bytes() -> None:
    async def untyped(talk: Conversation) -> None:
        await talk.request()
        await talk.answer(b"\x00\x01")

    async with Backend(untyped) as backend, sender() as http:
        answer = await http.send(request(backend.url))
    assert answer.body.content_type == "application/octet-stream"
