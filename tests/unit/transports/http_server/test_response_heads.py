"""Heads of answers: what goes out, and what never does."""

from collections.abc import Iterable
from typing import Any

import pytest

from micro_integrator.synapse import Headers, MediationError
from micro_integrator.transports.http.server.request_head import RequestHeadReader
from micro_integrator.transports.http.server.response_head import (
    CHUNKED,
    UNSAID,
    UNTIL_CLOSED,
    AnswerHeadWriter,
)

READER = RequestHeadReader("activityid")
TODAY = READER.read(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
OLD = READER.read(b"GET / HTTP/1.0\r\n\r\n")
ENOUGH = 1_700_000_000_400


def lines(
    *fields: tuple[str, str], status: int = 200, length: int = 3, preserved: Iterable[str] = (), **more: Any
) -> list[str]:
    writer = AnswerHeadWriter(correlation_header="activityid", preserved=preserved, now_ms=lambda: ENOUGH)
    head = more.pop("head", TODAY)
    text = writer.written(head, status, Headers(fields), length, now=0.0, keeps_alive=True, **more)
    assert text.endswith(b"\r\n\r\n")
    return text.decode("latin-1").split("\r\n")[:-2]


def test_a_usual_answer() -> None:
    assert lines(("Content-Type", "text/plain"), correlation_id="c-1") == [
        "HTTP/1.1 200 OK",
        "Date: Tue, 14 Nov 2023 22:13:20 GMT",
        "Server: WSO2-PassThrough-HTTP",
        "Content-Type: text/plain",
        "activityid: c-1",
        "Content-Length: 3",
    ]


def test_headers_of_one_connection_do_not_travel() -> None:
    found = lines(
        ("Connection", "close, X-Private"), ("X-Private", "1"), ("Keep-Alive", "timeout=5"), ("X-Public", "2"),
        ("Transfer-Encoding", "gzip"), ("Content-Length", "99"), ("Upgrade", "h2c"), ("Trailer", "X-T"),
    )  # fmt: skip
    assert found[3:] == ["X-Public: 2", "Content-Length: 3"]


def test_what_a_second_connection_header_names_does_not_travel_either() -> None:
    found = lines(
        ("Connection", "close"), ("connection", "X-Private, X-Own"), ("X-Private", "1"), ("X-Own", "2"),
        ("X-Public", "3"),
    )  # fmt: skip
    assert found[3:] == ["X-Public: 3", "Content-Length: 3"]


def test_the_date_is_the_listeners_unless_it_is_preserved() -> None:
    theirs = ("Date", "Mon, 01 Jan 2024 00:00:00 GMT")
    assert "Date: Tue, 14 Nov 2023 22:13:20 GMT" in lines(theirs)
    assert [line for line in lines(theirs, preserved=["date"]) if line.startswith("Date")] == [
        "Date: Mon, 01 Jan 2024 00:00:00 GMT"
    ]


def test_the_server_is_the_back_ends_when_it_is_preserved() -> None:
    found = lines(("Server", "nginx"), preserved=["Server"])
    assert [line for line in found if line.startswith("Server")] == ["Server: nginx"]
    assert "Server: WSO2-PassThrough-HTTP" in lines(("Server", "nginx"))


def test_a_correlation_id_that_came_back_is_not_written_twice() -> None:
    found = lines(("ActivityID", "theirs"), correlation_id="ours")
    assert [line for line in found if line.lower().startswith("activityid")] == ["activityid: ours"]


@pytest.mark.parametrize(
    ("length", "framing"),
    [(0, ["Content-Length: 0"]), (CHUNKED, ["Transfer-Encoding: chunked"]), (UNSAID, []), (UNTIL_CLOSED, [])],
)
def test_what_a_head_says_about_the_body(length: int, framing: list[str]) -> None:
    assert lines(length=length)[3:] == framing


def test_an_old_client_is_answered_in_its_version() -> None:
    found = lines(head=OLD)
    assert (found[0], found[-1]) == ("HTTP/1.0 200 OK", "Connection: keep-alive")


@pytest.mark.parametrize(
    ("status", "reason", "first"),
    [
        (413, "", "HTTP/1.1 413 Payload Too Large"),
        (418, "", "HTTP/1.1 418 I'm a Teapot"),
        (299, "", "HTTP/1.1 299 "),
        (200, "Fine", "HTTP/1.1 200 Fine"),
    ],
)
def test_a_status_line_has_version_status_and_phrase(status: int, reason: str, first: str) -> None:
    assert lines(status=status, reason=reason)[0] == first


@pytest.mark.parametrize(
    "fields",
    [("X-A", "1\r\nX-B: 2"), ("X-A", "1\n"), ("X-A", "1\r"), ("X-A", "\0"), ("X A", "1"), ("X:", "1"), ("", "1"),
     ("X-A\r\nX-B", "1"), ("X-A", "€")],
)  # fmt: skip
def test_headers_that_would_forge_an_answer_are_refused(fields: tuple[str, str]) -> None:
    with pytest.raises(MediationError):
        lines(fields)


@pytest.mark.parametrize("status", [-1, 0, 99, 100, 199, 1000])
def test_statuses_that_are_no_answer(status: int) -> None:
    with pytest.raises(MediationError):
        lines(status=status)


def test_a_reason_that_would_forge_an_answer_is_refused() -> None:
    with pytest.raises(MediationError):
        lines(reason="OK\r\nX-B: 2")


def test_the_date_moves_on_with_the_second() -> None:
    moments = iter([ENOUGH, ENOUGH + 600])
    writer = AnswerHeadWriter(correlation_header="activityid", preserved=(), now_ms=lambda: next(moments))
    dates = [writer.written(TODAY, 200, Headers(), 0, now=now) for now in (10.0, 10.5, 10.6)]
    assert dates[0] == dates[1]
    assert b"22:13:21 GMT" in dates[2]
