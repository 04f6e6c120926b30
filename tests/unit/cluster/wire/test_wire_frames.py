"""Frames: whatever arrives, in whatever pieces, is either frames or an error, and never anything else."""

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.cluster.wire.frames import (
    LONGEST,
    TO_LISTENER,
    Decoder,
    Frame,
    FrameError,
    Kind,
    encode,
    encode_numbers,
)

ANY = frozenset(Kind)
FIXED = {Kind.HELLO: 20, Kind.CHALLENGE: 20, Kind.PING: 16, Kind.PONG: 16, Kind.LOOK: 8, Kind.BYE: 0}


def _frames_of(kind: Kind) -> st.SearchStrategy[Frame]:
    size = FIXED.get(kind)
    payloads = st.binary(max_size=LONGEST - 1) if size is None else st.binary(min_size=size, max_size=size)
    return payloads.map(lambda payload: Frame(kind, payload))


frames = st.sampled_from(Kind).flatmap(_frames_of)


def _decoded(pieces: Iterable[bytes]) -> list[Frame]:
    decoder, found = Decoder(), []
    for piece in pieces:
        decoder.feed(piece)
        while (frame := decoder.take(ANY)) is not None:
            found.append(frame)
    return found


@given(st.lists(frames, max_size=8), st.data())
def test_frames_are_found_however_they_are_cut_into_pieces(sent: list[Frame], data: st.DataObject) -> None:
    stream = b"".join(encode(frame.kind, frame.payload) for frame in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    edges = [0, *cuts, len(stream)]
    assert _decoded(stream[a:b] for a, b in pairwise(edges)) == sent


@given(st.lists(st.binary(max_size=200), max_size=10))
def test_garbage_is_frames_or_an_error_and_is_never_kept_without_limit(pieces: list[bytes]) -> None:
    decoder = Decoder()
    try:
        for piece in pieces:
            decoder.feed(piece)
            while (frame := decoder.take(ANY)) is not None:
                assert len(frame.payload) < LONGEST
    except FrameError:
        return


@pytest.mark.parametrize(
    "start", [b"GET / HTTP/1.1\r\n", b"\x16\x03\x01\x02\x00", b"\x04\x01", b"\x00\x00", b"\xff\xff"]
)
def test_an_oversize_or_empty_frame_is_known_by_its_first_two_bytes(start: bytes) -> None:
    decoder = Decoder()
    decoder.feed(start[:2])
    with pytest.raises(FrameError, match="frame of"):
        decoder.take(ANY)


@pytest.mark.parametrize("number", [0, 9, 255])
def test_an_unknown_type_is_an_error_before_its_payload_has_come(number: int) -> None:
    decoder = Decoder()
    decoder.feed(b"\x03\xff" + bytes([number]))
    with pytest.raises(FrameError, match=f"type {number}"):
        decoder.take(ANY)


def test_a_frame_that_nobody_expects_now_is_an_error() -> None:
    decoder = Decoder()
    decoder.feed(encode(Kind.BYE) + encode(Kind.HELLO, bytes(20)))
    assert decoder.take(TO_LISTENER) == Frame(Kind.BYE)
    with pytest.raises(FrameError, match="HELLO out of order"):
        decoder.take(TO_LISTENER)


@pytest.mark.parametrize(("kind", "size"), FIXED.items())
def test_a_payload_of_the_wrong_size_is_an_error(kind: Kind, size: int) -> None:
    decoder = Decoder()
    decoder.feed(encode(kind, bytes(size + 1)))
    with pytest.raises(FrameError, match=kind.name):
        decoder.take(ANY)


def test_a_frame_of_1024_bytes_is_the_longest() -> None:
    assert len(encode(Kind.AUTH, bytes(LONGEST - 1))) == 2 + LONGEST
    with pytest.raises(FrameError):
        encode(Kind.AUTH, bytes(LONGEST))


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
def test_counters_and_renewals_come_back_as_they_were_sent(counter: int, renew_seq: int) -> None:
    (frame,) = _decoded([encode_numbers(Kind.PING, counter, renew_seq)])
    assert frame.numbers() == (counter, renew_seq)


def test_a_number_that_no_column_could_hold_is_an_error() -> None:
    (frame,) = _decoded([encode_numbers(Kind.LOOK, 2**63)])
    with pytest.raises(FrameError, match="out of range"):
        frame.numbers()
