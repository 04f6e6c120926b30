"""Answers of back ends, in whatever pieces their bytes arrive."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from micro_integrator.transports.http.answer import Answer, NotHttp, Unusable

HEAD = b"HTTP/1.1 200 All is well\r\nX-One: 1\r\n"


def cut(wire: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(wire) + 1) for place in places), len(wire)]
    return [wire[start:end] for start, end in pairwise(edges) if start < end]


def answer(*chunks: bytes, is_head: bool = False, max_body: int = 1000) -> Answer:
    found = Answer(is_head=is_head, max_body=max_body)
    for chunk in chunks:
        found.read(chunk)
    return found


WIRES = [
    pytest.param(HEAD + b"Content-Length: 5\r\n\r\nhello", b"hello", True, id="counted"),
    pytest.param(
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nX-Late: 1\r\n\r\n",
        b"hello",
        True,
        id="chunked",
    ),
    pytest.param(
        HEAD + b"Connection: close\r\nContent-Length: 5\r\n\r\nhello", b"hello", False, id="closing"
    ),
    pytest.param(
        b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"Content-Length: 0\r\n\r\n", b"", True, id="after 100"
    ),
    pytest.param(
        HEAD.replace(b"1.1", b"1.0") + b"Content-Length: 5\r\n\r\nhello", b"hello", False, id="HTTP/1.0"
    ),
]


@pytest.mark.parametrize(("wire", "body", "keeps_alive"), WIRES)
def test_the_pieces_do_not_matter(wire: bytes, body: bytes, keeps_alive: bool) -> None:
    @given(some.lists(some.integers(0, 1000), max_size=8))
    def whatever_the_pieces(places: list[int]) -> None:
        found = answer(*cut(wire, places))
        assert (found.status, found.reason, found.is_complete) == (200, "All is well", True)
        assert b"".join(found.body) == body
        assert ("X-One", "1") in found.fields
        assert "X-Late" not in dict(found.fields)
        assert found.keeps_alive is keeps_alive

    whatever_the_pieces()


@pytest.mark.parametrize("wire", [case.values[0] for case in WIRES])
def test_an_answer_is_not_complete_before_its_last_byte(wire: bytes) -> None:
    found = answer(wire[:-1])
    assert not found.is_complete
    assert not found.end()


@pytest.mark.parametrize("status", [204, 205, 304])
def test_some_statuses_have_no_body_whatever_their_headers_say(status: int) -> None:
    found = answer(b"HTTP/1.1 %d No\r\nContent-Length: 100\r\n\r\n" % status)
    assert (found.is_complete, found.body) == (True, [])


def test_an_answer_to_head_has_no_body() -> None:
    found = answer(HEAD + b"Content-Length: 100\r\n\r\n", is_head=True)
    assert (found.is_complete, found.keeps_alive) == (True, True)


@pytest.mark.parametrize("more", [b"x", b"HTTP/1.1 200 OK\r\n\r\n", b"\x00\x00"])
@pytest.mark.parametrize("is_apart", [True, False])
def test_a_byte_too_many_makes_the_connection_unusable_not_the_answer(more: bytes, is_apart: bool) -> None:
    wire = HEAD + b"Content-Length: 5\r\n\r\nhello"
    found = answer(*([wire, more] if is_apart else [wire + more]))
    assert (found.is_complete, b"".join(found.body), found.keeps_alive) == (True, b"hello", False)


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    found = answer(HEAD + b"\r\nhel", b"lo")
    assert not found.is_complete
    assert found.end()
    assert (b"".join(found.body), found.keeps_alive) == (b"hello", False)


@pytest.mark.parametrize("wire", [b"", b"HTTP/1.1 20", HEAD, HEAD + b"Content-Length: 5\r\n\r\nhell"])
def test_an_answer_that_is_cut_off_is_not_complete(wire: bytes) -> None:
    assert not (answer(wire) if wire else answer()).end()


@pytest.mark.parametrize(
    "wire", [b"SSH-2.0\r\n", b"HTTP/1.1 abc\r\n", HEAD + b" folded\x00: 1\r\n\r\n", b"HTTP/1.1 101 S\r\n\r\n"]
)
def test_what_is_not_http_is_refused(wire: bytes) -> None:
    with pytest.raises(NotHttp):
        answer(wire)


@pytest.mark.parametrize(
    "wire",
    [
        HEAD + b"Content-Length: 1001\r\n\r\n" + b"x" * 1001,
        HEAD + b"X-Long: " + b"x" * 70_000,
        HEAD + b"X-Many: 1\r\n" * 300,
    ],
)
def test_what_is_too_large_is_refused(wire: bytes) -> None:
    with pytest.raises(Unusable):
        answer(wire)


@given(some.binary(max_size=200))
def test_no_bytes_break_the_reader(wire: bytes) -> None:
    try:
        found = answer(wire)
    except (NotHttp, Unusable):
        return
    found.end()
