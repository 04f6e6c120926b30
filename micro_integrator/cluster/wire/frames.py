"""Frames of the wire: two bytes of length, one of type, the payload (coordination 8.8).

The length counts type and payload, 1 to 1024. Whatever does not fit is an error at the first byte that shows it: a
stranger who speaks HTTP or TLS is known by his first two.
"""

import struct
from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum

from micro_integrator.kit import MicroIntegratorError

LONGEST = 1024
"""Bytes of type and payload together."""
_HEAD = 2
_LARGEST_NUMBER = 2**63 - 1
"""Numbers of the wire are BIGINT columns somewhere."""


class FrameError(MicroIntegratorError):
    """The other side does not speak this protocol; nothing more can be read from it."""


class Kind(IntEnum):
    """Types of frames; connector and listener are the two sides of one connection."""

    HELLO = 1
    CHALLENGE = 2
    AUTH = 3
    WELCOME = 4
    PING = 5
    PONG = 6
    LOOK = 7
    BYE = 8


_PAYLOAD = {Kind.HELLO: 20, Kind.CHALLENGE: 20, Kind.PING: 16, Kind.PONG: 16, Kind.LOOK: 8, Kind.BYE: 0}
"""Bytes of payload where they are fixed; AUTH and WELCOME are JSON."""

TO_CONNECTOR = frozenset({Kind.PONG, Kind.LOOK, Kind.BYE})
"""What a connector may hear after the handshake."""
TO_LISTENER = frozenset({Kind.PING, Kind.LOOK, Kind.BYE})
"""What a listener may hear after the handshake."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One whole frame."""

    kind: Kind
    payload: bytes = b""

    def numbers(self) -> tuple[int, ...]:
        """Return the payload of PING, PONG and LOOK. Raises FrameError for one that no column could hold."""
        found = struct.unpack(f">{len(self.payload) // 8}Q", self.payload)
        if max(found) > _LARGEST_NUMBER:
            raise FrameError(f"{self.kind.name} with a number out of range")
        return found


def encode(kind: Kind, payload: bytes = b"") -> bytes:
    """Return the bytes of a frame. Raises FrameError if it would be too long."""
    if 1 + len(payload) > LONGEST:
        raise FrameError(f"{kind.name} of {1 + len(payload)} bytes")
    return struct.pack(">HB", 1 + len(payload), kind) + payload


def encode_numbers(kind: Kind, *numbers: int) -> bytes:
    """Return a PING or PONG (counter, RENEW_SEQ) or a LOOK (SEQ)."""
    return encode(kind, struct.pack(f">{len(numbers)}Q", *numbers))


class Decoder:
    """Finds the frames in what arrives, however it is cut into pieces."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    @property
    def is_in_frame(self) -> bool:
        """Whether a frame has begun and not ended."""
        return bool(self._bytes)

    def feed(self, piece: bytes) -> None:
        """Take in what has arrived."""
        self._bytes += piece

    def take(self, expected: Collection[Kind]) -> Frame | None:
        """Return the next frame, None if it is not whole yet.

        Raises FrameError if it is too long, empty, of unknown type, or not one of `expected` at this point.
        """
        if len(self._bytes) < _HEAD:
            return None
        length = int.from_bytes(self._bytes[:_HEAD], "big")
        if not 1 <= length <= LONGEST:
            raise FrameError(f"a frame of {length} bytes")
        if len(self._bytes) == _HEAD:
            return None
        kind = _kind(self._bytes[_HEAD], length, expected)
        if len(self._bytes) < _HEAD + length:
            return None
        frame = Frame(kind, bytes(self._bytes[_HEAD + 1 : _HEAD + length]))
        del self._bytes[: _HEAD + length]
        return frame


def _kind(number: int, length: int, expected: Collection[Kind]) -> Kind:
    try:
        kind = Kind(number)
    except ValueError:
        raise FrameError(f"a frame of type {number}") from None
    if kind not in expected:
        raise FrameError(f"{kind.name} out of order")
    if kind in _PAYLOAD and length != 1 + _PAYLOAD[kind]:
        raise FrameError(f"{kind.name} of {length} bytes")
    return kind
