"""Requests in any pieces, and requests with anything wrong in them: the same happens however the bytes arrive."""

import asyncio
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some
from unit.transports.http_server.wire_lab import Seen, seen

GET = b"GET /orders/7?full=yes HTTP/1.1\r\nHost: esb.example\r\nAccept: */*\r\n\r\n"
COUNTED = (
    b"POST /orders HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nhello world"
)
CHUNKED = (
    b"PUT /orders/7 HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5\r\nhello\r\n6;why=so\r\n world\r\n0\r\nX-Late: 1\r\n\r\n"
)
OLD = b"POST /old HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc"
WHOLE_URL = b"\r\nGET http://other.example/a?b HTTP/1.1\r\nhost:a \r\n\r\n"
LEGAL = [GET, COUNTED, CHUNKED, OLD, WHOLE_URL]
NASTY = [
    b"Content-Length: 5\r\n", b"Transfer-Encoding: chunked\r\n", b"\r\n", b"\n", b"\r", b"\0", b" ", b"\t", b":",
    b"Host: b\r\n", b"0\r\n\r\n", b"ffffffffffffffff\r\n", b";", b"HTTP/1.1", b"Connection: close\r\n", b"\xff",
]  # fmt: skip


@pytest.fixture(scope="module")
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as made:
        yield made


def cut(wire: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(wire) + 1) for place in places), len(wire)]
    return [wire[start:end] for start, end in pairwise(edges) if start < end]


def served(runner: asyncio.Runner, *pieces: bytes) -> Seen:
    return runner.run(seen(pieces))


@pytest.mark.parametrize(
    "wire", [*LEGAL, b"".join(LEGAL)], ids=["get", "counted", "chunked", "old", "url", "all"]
)
def test_a_request_may_be_cut_at_every_byte(runner: asyncio.Runner, wire: bytes) -> None:
    whole = served(runner, wire)
    assert set(whole.statuses) == {200}
    assert served(runner, *(wire[at : at + 1] for at in range(len(wire)))) == whole
    for at in range(1, len(wire)):
        assert served(runner, wire[:at], wire[at:]) == whole, at


def test_pipelined_requests_are_served_in_their_order(runner: asyncio.Runner) -> None:
    found = served(runner, b"".join(LEGAL))
    assert [target for _, target, _ in found.served] == [
        "/orders/7?full=yes", "/orders", "/orders/7", "/old", "/a?b",
    ]  # fmt: skip
    assert [body for _, _, body in found.served] == [b"", b"hello world", b"hello world", b"abc", b""]


@settings(max_examples=400)
@given(
    parts=some.lists(some.sampled_from([*LEGAL, *NASTY]), min_size=1, max_size=4),
    changes=some.lists(some.tuples(some.integers(0, 10_000), some.sampled_from(NASTY)), max_size=3),
    losses=some.lists(some.tuples(some.integers(0, 10_000), some.integers(1, 9)), max_size=2),
    places=some.lists(some.integers(0, 10_000), max_size=6),
)
@example(parts=[CHUNKED], changes=[(110, b"\n")], losses=[], places=[111, 112])
def test_a_changed_request_is_read_alike_in_any_pieces(
    runner: asyncio.Runner,
    parts: list[bytes],
    changes: list[tuple[int, bytes]],
    losses: list[tuple[int, int]],
    places: list[int],
) -> None:
    wire = b"".join(parts)
    for at, inserted in changes:
        at %= len(wire) + 1
        wire = wire[:at] + inserted + wire[at:]
    for at, size in losses:
        at %= len(wire) + 1
        wire = wire[:at] + wire[at + size :]
    whole = served(runner, wire)
    assert served(runner, *cut(wire, places)) == whole
    assert len(whole.served) == whole.statuses.count(200)
    assert all(status == 200 or status >= 400 for status in whole.statuses)


@settings(max_examples=300)
@given(pieces=some.lists(some.binary(max_size=40), max_size=6))
def test_any_bytes_end_in_answers_or_in_waiting(runner: asyncio.Runner, pieces: list[bytes]) -> None:
    found = served(runner, *pieces)
    assert found.served == []
    assert set(found.statuses) <= {400, 505}
