"""Bodies of answers, in whatever pieces their bytes arrive."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from micro_integrator.transports.http.body_reader import BodyReader
from micro_integrator.transports.http.chunks import MAX_LINE, MAX_TRAILERS, ChunkReader, NotChunked
from micro_integrator.transports.http.client.answer_head import read_head, reader_for

CHUNKED = b"2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nX-Late: 1\r\n\r\n"


def cut(wire: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(wire) + 1) for place in places), len(wire)]
    return [wire[start:end] for start, end in pairwise(edges) if start < end]


def read(reader: BodyReader, *pieces: bytes) -> bytes:
    return b"".join(part for piece in pieces for part in reader.read(piece))


@given(some.lists(some.integers(0, 1000), max_size=8))
def test_the_pieces_do_not_matter(places: list[int]) -> None:
    for head, wire in ((b"Content-Length: 5", b"hello"), (b"Transfer-Encoding: chunked", CHUNKED)):
        found = read_head(b"HTTP/1.1 200 OK\r\n" + head)
        reader = reader_for(found, found.length)
        assert read(reader, *cut(wire, places)) == b"hello"
        assert (reader.is_complete, reader.surplus) == (True, b"")


@given(some.lists(some.binary(min_size=1, max_size=300)), some.lists(some.integers(0, 2000), max_size=8))
def test_whatever_is_chunked_comes_out_again(chunks: list[bytes], places: list[int]) -> None:
    wire = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    reader = ChunkReader()
    assert read(reader, *cut(wire, places)) == b"".join(chunks)
    assert reader.is_complete


@pytest.mark.parametrize(
    ("head", "wire"), [(b"Content-Length: 5", b"hello"), (b"Transfer-Encoding: chunked", CHUNKED)]
)
def test_a_body_is_complete_with_its_last_byte_and_no_sooner(head: bytes, wire: bytes) -> None:
    found = read_head(b"HTTP/1.1 200 OK\r\n" + head)
    reader = reader_for(found, found.length)
    read(reader, wire[:-1])
    assert not reader.is_complete
    read(reader, wire[-1:] + b"more")
    assert (reader.is_complete, reader.surplus) == (True, b"more")


def test_a_body_of_which_nothing_is_known_has_no_end_of_its_own() -> None:
    reader = reader_for(read_head(b"HTTP/1.1 200 OK"), None)
    assert read(reader, b"0\r\n\r\n") == b"0\r\n\r\n"
    assert not reader.is_complete


@pytest.mark.parametrize(
    "wire",
    [
        b"zz\r\n",
        b"-1\r\n",
        b"0x1\r\n",
        b" 1\r\n",
        b"\r\n",
        b"1\nx\r\n",
        b"1\nx\n0\n\n",
        b"0\r\nX: 1\n\n",
        b"5\r\nhello!\r\n",
        b"5\r\nhello\n",
        b"5\r\nhello\rx",
        b"5;\x00\r\nhello\r\n",
        b"1234567890123456\r\n",
        b"1" * (MAX_LINE + 1),
        b"1;" + b"x" * MAX_LINE + b"\r\n",
        b"0\r\nno colon\r\n\r\n",
        b"0\r\n folded\r\n\r\n",
        b"0\r\n" + b"X: 1234\r\n" * MAX_TRAILERS,
    ],
)
def test_what_is_not_chunked_is_refused_in_whatever_pieces(wire: bytes) -> None:
    for pieces in ([wire], cut(wire, list(range(1, 40)))):
        with pytest.raises(NotChunked):
            read(ChunkReader(), *pieces)


@given(some.binary(max_size=100), some.lists(some.integers(0, 100), max_size=5))
def test_rubbish_is_refused_or_read_alike_in_all_pieces(wire: bytes, places: list[int]) -> None:
    assert _outcome([wire]) == _outcome(cut(wire, places))


def _outcome(pieces: list[bytes]) -> tuple[bytes, bool] | None:
    reader = ChunkReader()
    try:
        return read(reader, *pieces), reader.is_complete
    except NotChunked:
        return None
