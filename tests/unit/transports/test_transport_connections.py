"""Bytes of a back end, in whatever pieces they come and whatever is wrong with them."""

import asyncio
from collections.abc import Iterator
from itertools import pairwise
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as some
from unit.transports.false_socket import FalseSocket

from micro_integrator.synapse import EndpointError
from micro_integrator.transports.http.client.answer_stream import AnswerStream
from micro_integrator.transports.http.client.connection import Connection
from micro_integrator.transports.http.client.target import Route
from micro_integrator.transports.http.outbox import Outbox

PLAIN = b"HTTP/1.1 200 All is well\r\nX-One: 1\r\nContent-Length: 5\r\n\r\nhello"
CHUNKED = (
    b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nX-Late: 1\r\n\r\n"
)
ENDLESS = b"HTTP/1.0 200 OK\r\nServer: old\r\n\r\nhello"
BODILESS = b"HTTP/1.1 204 No Content\r\nContent-Length: 100\r\n\r\n"
WIRES = [PLAIN, CHUNKED, ENDLESS, BODILESS]

Outcome = tuple[object, ...]


class Shelf:
    """Where connections are put that can be used again."""

    def __init__(self) -> None:
        self.kept: list[Connection] = []

    def give_back(self, connection: Connection) -> None:
        if connection.is_reusable:
            self.kept.append(connection)

    def forget(self, connection: Connection) -> None:
        """Remember nothing of it."""


@pytest.fixture(scope="module")
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    made = asyncio.new_event_loop()
    yield made
    made.close()


async def everything(stream: AnswerStream) -> bytes:
    return b"".join([piece async for piece in stream])


def heard(loop: asyncio.AbstractEventLoop, pieces: list[bytes]) -> tuple[Outcome, bool]:
    """Ask, hear `pieces`, then the end of the connection; return what came of it and if the connection was kept."""
    transport = FalseSocket()
    connection = Connection(Route("http", "h", 80), silence=10.0, loop=loop, outbox=Outbox(loop))
    connection.connection_made(cast(asyncio.Transport, transport))
    shelf = Shelf()
    connection.belong_to(shelf)
    waiter = connection.exchange([b"x"], loop.time() + 10, is_bodiless=False, is_last=False, is_whole=True)
    connection.flush()
    for piece in pieces:
        if not transport.is_aborted:
            connection.data_received(piece)
    is_kept = shelf.kept == [connection] and not transport.is_aborted
    connection.connection_lost(None)
    transport.give_back()
    try:
        head, body = waiter.result()
        whole = body if isinstance(body, bytes) else loop.run_until_complete(everything(body))
    except EndpointError as error:
        return (error.code,), is_kept
    return (head.status, list(head.headers.fields()), whole), is_kept


def cut(wire: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(wire) + 1) for place in places), len(wire)]
    return [wire[start:end] for start, end in pairwise(edges) if start < end]


PLACES = some.lists(some.integers(0, 300), max_size=8)
CHANGES = some.lists(
    some.tuples(some.integers(0, 300), some.binary(max_size=3), some.integers(0, 3)), max_size=3
)


@pytest.mark.parametrize("wire", WIRES)
def test_the_pieces_do_not_matter(loop: asyncio.AbstractEventLoop, wire: bytes) -> None:
    whole, is_kept = heard(loop, [wire])
    for place in range(1, len(wire)):
        found, is_kept_too = heard(loop, cut(wire, [place]))
        assert (found, is_kept_too) == (whole, is_kept)
    assert heard(loop, cut(wire, list(range(len(wire))))) == (whole, is_kept)
    assert is_kept is (wire is not ENDLESS)


def test_damaged_answers_are_understood_or_refused_alike_in_all_pieces(
    loop: asyncio.AbstractEventLoop,
) -> None:
    @given(some.sampled_from(WIRES), CHANGES, PLACES)
    def alike(wire: bytes, changes: list[tuple[int, bytes, int]], places: list[int]) -> None:
        for place, put_in, left_out in changes:
            wire = wire[:place] + put_in + wire[place + left_out :]
        whole, _ = heard(loop, [wire])
        assert heard(loop, cut(wire, places))[0] == whole

    alike()


@pytest.mark.parametrize("wire", [PLAIN, CHUNKED, BODILESS])
@pytest.mark.parametrize("more", [b"x", PLAIN, b"\x00\x00", b"\r\n"])
def test_a_byte_too_many_makes_the_connection_unusable_not_the_answer(
    loop: asyncio.AbstractEventLoop, wire: bytes, more: bytes
) -> None:
    whole, _ = heard(loop, [wire])
    assert heard(loop, [wire + more]) == (whole, False)
    assert heard(loop, [wire, more]) == (whole, False)


@pytest.mark.parametrize("wire", [PLAIN, CHUNKED])
def test_an_answer_that_is_cut_off_is_none(loop: asyncio.AbstractEventLoop, wire: bytes) -> None:
    for length in range(len(wire)):
        assert heard(loop, [wire[:length]] if length else []) == ((101505,), False)


@pytest.mark.parametrize("wire", [b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 70_000, b"H" * 70_000])
def test_a_head_without_an_end_is_refused(loop: asyncio.AbstractEventLoop, wire: bytes) -> None:
    code = 101510 if wire.startswith(b"HTTP") else 101506
    assert heard(loop, [wire])[0] == heard(loop, cut(wire, list(range(0, 70_000, 1000))))[0] == (code,)


def head_of(size: int) -> bytes:
    frame = b"HTTP/1.1 204 No Content\r\nX-Long: %b\r\n\r\n"
    return frame % (b"x" * (size - len(frame) + 2))


@pytest.mark.parametrize("places", [[], [1], [65_535], [65_536], list(range(0, 70_000, 1000))])
def test_the_size_of_a_head_counts_whatever_its_pieces(
    loop: asyncio.AbstractEventLoop, places: list[int]
) -> None:
    for size, code in ((65_536, 204), (65_537, 101510), (65_540, 101510)):
        assert heard(loop, cut(head_of(size), places))[0][0] == code


@pytest.mark.parametrize("places", [[], [15], [16], [17], list(range(40))])
def test_a_head_whose_lines_end_without_cr_is_refused_at_once(
    loop: asyncio.AbstractEventLoop, places: list[int]
) -> None:
    wire = b"HTTP/1.1 200 OK\nContent-Length: 2\n\nok"
    assert heard(loop, cut(wire, places)) == ((101506,), False)


def test_an_answer_that_comes_before_the_request_may_have_lines_of_any_kind_in_its_body(
    loop: asyncio.AbstractEventLoop,
) -> None:
    wire = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na\nb"
    transport = FalseSocket()
    connection = Connection(Route("http", "h", 80), silence=10.0, loop=loop, outbox=Outbox(loop))
    connection.connection_made(cast(asyncio.Transport, transport))
    connection.data_received(wire)
    waiter = connection.exchange([b"x"], loop.time() + 10, is_bodiless=False, is_last=False, is_whole=True)
    loop.run_until_complete(asyncio.sleep(0))
    _, body = waiter.result()
    assert body == b"a\nb"
    connection.connection_lost(None)
    transport.give_back()
