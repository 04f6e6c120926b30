"""Heads of answers: what is read, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from micro_integrator.transports.http.client.answer_head import (
    AnswerHead,
    NotHttp,
    Unusable,
    read_head,
)
from micro_integrator.transports.http.known_lines import MAX_KNOWN
from micro_integrator.transports.http.limits import MAX_FIELDS


def head(*lines: str, first: str = "HTTP/1.1 200 OK") -> AnswerHead:
    return read_head("\r\n".join([first, *lines]).encode("latin-1"))


def test_a_head_is_read() -> None:
    found = head(
        "Content-Type:  text/plain \t",
        "X-Empty:",
        "Content-Length: 12",
        "x-b: ä",
        first="HTTP/1.1 404 Not Here",
    )
    assert (found.status, found.reason) == (404, "Not Here")
    assert list(found.headers.fields()) == [
        ("Content-Type", "text/plain"),
        ("X-Empty", ""),
        ("Content-Length", "12"),
        ("x-b", "ä"),
    ]
    assert (found.length, found.is_chunked, found.keeps_alive) == (12, False, True)


def test_chunks_are_announced_in_any_case() -> None:
    found = head("transfer-encoding: Chunked")
    assert (found.length, found.is_chunked) == (None, True)


@pytest.mark.parametrize("first", ["HTTP/1.1 200", "HTTP/1.1 200 "])
def test_a_status_needs_no_phrase(first: str) -> None:
    assert (head(first=first).status, head(first=first).reason) == (200, "")


@pytest.mark.parametrize(
    ("first", "lines", "keeps_alive"),
    [
        ("HTTP/1.1 200 OK", [], True),
        ("HTTP/1.1 200 OK", ["Connection: Keep-Alive"], True),
        ("HTTP/1.1 200 OK", ["Connection: close"], False),
        ("HTTP/1.1 200 OK", ["Connection: X-A, Close"], False),
        ("HTTP/1.1 200 OK", ["Connection: close", "Connection: keep-alive"], False),
        ("HTTP/1.0 200 OK", [], False),
        ("HTTP/1.0 200 OK", ["connection: Keep-Alive"], True),
        ("HTTP/1.0 200 OK", ["Connection: close"], False),
    ],
)
def test_whether_a_connection_stays(first: str, lines: list[str], keeps_alive: bool) -> None:
    assert head(*lines, first=first).keeps_alive is keeps_alive


def test_headers_named_by_connection_are_for_one_hop() -> None:
    assert head("Connection: keep-alive, X-Hop", "X-Hop: 1").hop_names == {"x-hop"}


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("timeout=5", 5),
        ("timeout=5, max=100", 5),
        ("max=100, Timeout = 40", 40),
        ("max=100", None),
        ("", None),
    ],
)
def test_how_long_an_idle_connection_is_kept_by_the_back_end(value: str, seconds: float | None) -> None:
    assert head(f"Keep-Alive: {value}").idle_limit == seconds


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Length: 3", "Content-Length: 4"],
        ["Content-Length: 3", "Content-Length: 3"],
        ["Content-Length: 3, 3"],
        ["Content-Length: +3"],
        ["Content-Length: 0x3"],
        ["Content-Length:"],
        ["Content-Length: 3", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: chunked", "Content-Length: 3"],
        ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"],
        ["Transfer-Encoding: gzip, chunked"],
        ["Transfer-Encoding: identity"],
        ["Transfer-Encoding: chunked\x0b"],
    ],
)
def test_a_body_whose_end_is_in_doubt_is_refused(lines: list[str]) -> None:
    with pytest.raises(NotHttp):
        head(*lines)


def test_chunks_in_http_1_0_are_refused() -> None:
    with pytest.raises(NotHttp):
        head("Transfer-Encoding: chunked", first="HTTP/1.0 200 OK")


@pytest.mark.parametrize(
    "line",
    [
        "no colon",
        ": no name",
        " folded: 1",
        "\tfolded",
        "a b: 1",
        "blank : 1",
        "X: a\nb",
        "X: a\rb",
        "X: a\0b",
        "X\n: a",
        "",
    ],
)
def test_a_line_that_is_no_header_is_refused(line: str) -> None:
    with pytest.raises(NotHttp):
        head("X-Fine: 1", line)


@pytest.mark.parametrize(
    "first",
    [
        "SSH-2.0",
        "HTTP/1.1 abc",
        "HTTP/2 200 OK",
        "HTTP/1.1 99 No",
        "HTTP/1.1  200 OK",
        "http/1.1 200 OK",
        "",
        "HTTP/1.1 101 S",
    ],
)
def test_what_is_no_status_line_is_refused(first: str) -> None:
    with pytest.raises(NotHttp):
        head(first=first)


def test_too_many_headers_are_refused() -> None:
    assert len(head(*["X: 1"] * MAX_FIELDS).headers.fields()) == MAX_FIELDS
    with pytest.raises(Unusable):
        head(*["X: 1"] * (MAX_FIELDS + 1))


def test_lines_that_are_remembered_say_the_same_again() -> None:
    for round_number in range(2):
        for number in range(MAX_KNOWN + 10):
            found = head(f"X-Number: {number}", f"Content-Length: {number}")
            assert found.length == number, round_number


@given(some.binary(max_size=200))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    try:
        found = read_head(b"HTTP/1.1 200 OK\r\n" + raw)
    except (NotHttp, Unusable):
        return
    assert all("\r" not in value and "\n" not in value for _, value in found.headers.fields())
