"""Heads of requests: what is read from them, and everything that is refused."""

import time

import pytest

from micro_integrator.transports.http.limits import MAX_FIELDS, MAX_HEAD
from micro_integrator.transports.http.server.refusal import Refusal
from micro_integrator.transports.http.server.request_head import (
    MAX_LINE,
    RequestHead,
    RequestHeadReader,
    check_beginning,
)

HOST = "Host: esb.example:8290\r\n"
SOON = 5.0
"""Seconds of computing that no heads may need, however they are written."""
MANY = 20


def read(*lines: str, first: str = "GET /orders/7?full=yes HTTP/1.1") -> RequestHead:
    return RequestHeadReader("X-Correlation-ID").read("\r\n".join([first, *lines, "", ""]).encode("latin-1"))


def refused(*lines: str, first: str = "POST / HTTP/1.1") -> int:
    with pytest.raises(Refusal) as caught:
        read(*lines, first=first)
    return caught.value.status


def test_a_usual_head() -> None:
    head = read(
        "Host: esb.example:8290", "Content-Type: text/xml", "content-length: 12", "X-correlation-id: c-1"
    )
    assert (head.method, head.target) == ("GET", "/orders/7?full=yes")
    assert next(iter(head.headers.fields())) == ("Host", "esb.example:8290")
    assert [name for name, _ in head.headers.fields()] == [
        "Host",
        "Content-Type",
        "content-length",
        "X-correlation-id",
    ]
    assert (head.host, head.length, head.content_type) == ("esb.example", 12, "text/xml")
    assert head.correlation_id == "c-1"


def test_blanks_around_a_value_do_not_belong_to_it() -> None:
    head = read("Host:esb.example", "X-A:\t one  two \t", "X-Empty:", "X-Blank: \t ")
    expected = [("Host", "esb.example"), ("X-A", "one  two"), ("X-Empty", ""), ("X-Blank", "")]
    assert list(head.headers.fields()) == expected


def test_an_empty_line_before_a_request_is_passed_over() -> None:
    assert read("Host: a", first="\r\nGET / HTTP/1.1").target == "/"


@pytest.mark.parametrize(
    ("target", "path", "host"),
    [
        ("http://other.example:8080/a?b=c", "/a?b=c", "other.example"),
        ("HTTPS://other.example?b=c", "/?b=c", "other.example"),
        ("http://other.example", "/", "other.example"),
        ('/a{b}|"c"\'%zz', '/a{b}|"c"\'%zz', "esb.example"),
    ],
)
def test_targets(target: str, path: str, host: str) -> None:
    head = read("Host: esb.example", first=f"GET {target} HTTP/1.1")
    assert (head.target, head.host) == (path, host)


def test_a_whole_url_as_target_replaces_the_host() -> None:
    head = read("Accept: */*", "Host: esb.example", first="GET http://other.example/ HTTP/1.1")
    assert sorted(head.headers.fields()) == [("Accept", "*/*"), ("Host", "other.example")]


def test_a_whole_url_as_target_does_not_replace_a_host_that_is_missing() -> None:
    assert refused(first="GET http://a HTTP/1.1") == 400


def test_an_old_client_may_name_the_host_in_its_target_alone() -> None:
    head = read(first="GET http://a HTTP/1.0")
    assert (head.target, head.host, list(head.headers.fields())) == ("/", "a", [("Host", "a")])


def test_options_of_everything() -> None:
    assert read("Host: a", first="OPTIONS * HTTP/1.1").target == "*"


@pytest.mark.parametrize(
    ("host", "without_port"),
    [("esb.example", "esb.example"), ("[::1]:8290", "[::1]"), ("10.0.0.1:80", "10.0.0.1"), ("", "")],
)
def test_hosts(host: str, without_port: str) -> None:
    assert read(f"Host: {host}").host == without_port


@pytest.mark.parametrize(
    ("first", "connection", "is_kept"),
    [
        ("GET / HTTP/1.1", "", True),
        ("GET / HTTP/1.1", "Connection: Close", False),
        ("GET / HTTP/1.1", "Connection: upgrade, close", False),
        ("GET / HTTP/1.0", "", False),
        ("GET / HTTP/1.0", "Connection: Keep-Alive", True),
        ("GET / HTTP/1.7", "", True),
        ("GET / HTTP/1.1", "Content-Length: 0", False),
        ("DELETE / HTTP/1.1", "Transfer-Encoding: chunked", False),
        ("PUT / HTTP/1.1", "Content-Length: 0", True),
    ],
)
def test_which_connections_are_kept(first: str, connection: str, is_kept: bool) -> None:
    assert read("Host: a", *filter(None, [connection]), first=first).keeps_alive is is_kept


def test_two_connection_headers_count_together() -> None:
    assert not read("Host: a", "Connection: keep-alive", "Connection: close").keeps_alive


def test_an_old_client_needs_no_host() -> None:
    head = read(first="GET / HTTP/1.0")
    assert (head.is_old, head.host, list(head.headers.fields())) == (True, "", [])


def test_a_body_in_chunks_has_no_length() -> None:
    assert read("Host: a", "Transfer-Encoding: Chunked").length is None


def test_only_a_client_of_today_waits_for_a_word() -> None:
    assert read("Host: a", "Expect: 100-Continue").expects_continue
    assert not read("Expect: 100-continue", first="POST / HTTP/1.0").expects_continue


SMUGGLED = [
    ("two lengths", ["Content-Length: 3", "Content-Length: 4"], 400),
    ("the same length twice", ["Content-Length: 3", "Content-Length: 3"], 400),
    ("a list of lengths", ["Content-Length: 3, 3"], 400),
    ("a length with a sign", ["Content-Length: +3"], 400),
    ("a hexadecimal length", ["Content-Length: 0x3"], 400),
    ("a length without digits", ["Content-Length:"], 400),
    ("digits of another script", ["Content-Length: \xb2"], 400),
    ("a length of 19 digits", ["Content-Length: 1000000000000000000"], 400),
    ("length and coding", ["Content-Length: 3", "Transfer-Encoding: chunked"], 400),
    ("coding and length", ["Transfer-Encoding: chunked", "Content-Length: 3"], 400),
    ("two codings", ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], 400),
    ("another coding", ["Transfer-Encoding: gzip, chunked"], 501),
    ("a coding that looks like one", ["Transfer-Encoding: xchunked"], 501),
    ("a coding with a tab inside", ["Transfer-Encoding: chunked\t, identity"], 501),
    ("no coding", ["Transfer-Encoding:"], 501),
    ("a vertical tab before the coding", ["Transfer-Encoding: \x0bchunked"], 400),
    ("a blank before the colon", ["Transfer-Encoding : chunked"], 400),
    ("a tab before the colon", ["Content-Length\t: 3"], 400),
    ("a folded line", ["X-A: 1", " Content-Length: 3"], 400),
    ("a first line that is folded", [" X-A: 1"], 400),
    ("a name with a blank", ["X A: 1"], 400),
    ("no name", [": 1"], 400),
    ("no colon", ["Content-Length 3"], 400),
    ("a line end without CR", ["X-A: 1\nContent-Length: 3"], 400),
    ("a line end without LF", ["X-A: 1\rContent-Length: 3"], 400),
    ("a NUL in a value", ["X-A: 1\0"], 400),
    ("a NUL in a name", ["X-A\0: 1"], 400),
    ("a DEL in a value", ["X-A: \x7f"], 400),
    ("a name beyond ASCII", ["Transfer-\xe9ncoding: chunked"], 400),
    ("two hosts", ["Host: b"], 400),
    ("a hope for something else", ["Expect: 200-ok"], 417),
]


@pytest.mark.parametrize(
    ("lines", "status"), [case[1:] for case in SMUGGLED], ids=[case[0] for case in SMUGGLED]
)
def test_what_others_may_read_differently_is_refused(lines: list[str], status: int) -> None:
    assert refused("Host: a", *lines) == status


@pytest.mark.parametrize(
    ("first", "status"),
    [
        ("GET / HTTP/2.0", 505),
        ("GET / HTTP/0.9", 505),
        ("GET /", 400),
        ("GET  / HTTP/1.1", 400),
        ("GET / HTTP/1.1 ", 400),
        (" GET / HTTP/1.1", 400),
        ("GET\t/ HTTP/1.1", 400),
        ("GET / http/1.1", 400),
        ("GET / HTTP/1.10", 400),
        ("GE(T / HTTP/1.1", 400),
        ("GET /a b HTTP/1.1", 400),
        ("GET /a\x7f HTTP/1.1", 400),
        ("GET /\xe4 HTTP/1.1", 400),
        ("GET /a#b HTTP/1.1", 400),
        ("GET /a\\b HTTP/1.1", 400),
        ("GET a HTTP/1.1", 400),
        ("GET * HTTP/1.1", 400),
        ("GET ftp://a/ HTTP/1.1", 400),
        ("GET http://user@a/ HTTP/1.1", 400),
        ("CONNECT a:443 HTTP/1.1", 400),
        ("\r\n\r\nGET / HTTP/1.1", 400),
    ],
)
def test_first_lines_that_are_refused(first: str, status: int) -> None:
    assert refused("Host: a", first=first) == status


@pytest.mark.parametrize("host", ["a/b", "a b", "user@a", "a:port", "[::1", "a,b/c", "a:123456"])
def test_hosts_that_are_none(host: str) -> None:
    assert refused(f"Host: {host}") == 400


def test_a_client_of_today_needs_a_host() -> None:
    assert refused("Accept: */*") == 400


def test_an_old_client_cannot_send_chunks() -> None:
    assert refused("Transfer-Encoding: chunked", first="POST / HTTP/1.0") == 400


def test_a_head_beyond_a_limit_is_refused() -> None:
    many = [f"X-{number}: 1" for number in range(MAX_FIELDS)]
    assert refused("Host: a", *many) == 431
    assert refused("Host: a", f"X-Long: {'x' * MAX_HEAD}") == 431
    assert refused("Host: a", first=f"GET /{'x' * MAX_LINE} HTTP/1.1") == 414
    assert len(read("Host: a", *many[1:]).headers.fields()) == MAX_FIELDS


def test_a_line_of_blanks_is_refused_as_soon_as_any_other() -> None:
    begun = time.process_time()
    assert refused("Host: a", f"X-A:{' ' * 60_000}\x01") == 400
    assert time.process_time() - begun < SOON


def test_targets_of_question_marks_are_refused_as_soon_as_any_other() -> None:
    first = f"GET http://a/{'?' * 8000}# HTTP/1.1"
    begun = time.process_time()
    assert [refused("Host: a", first=first) for _ in range(MANY)] == [400] * MANY
    assert time.process_time() - begun < SOON


@pytest.mark.parametrize("beginning", [b"\x16\x03\x01", b"(", b"\r\n\r\n\r\n", b"GET / HTTP/1.1\nHost: a"])
def test_bytes_that_never_become_a_request_are_refused_at_once(beginning: bytes) -> None:
    with pytest.raises(Refusal):
        check_beginning(beginning)


@pytest.mark.parametrize("beginning", [b"\r", b"\r\n", b"\r\nG", b"GET /", b"GET / HTTP/1.1\r\nHost: a\r"])
def test_bytes_that_may_become_a_request_are_awaited(beginning: bytes) -> None:
    check_beginning(beginning)
