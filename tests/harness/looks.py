"""What becomes of the LOOKs of a wire on their way; all other frames pass as they come (coordination 8.8)."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Protocol

FATES = ("dropped", "delayed", "doubled")
LONGEST_DELAY = 3.0
"""Seconds that a delayed LOOK is kept at most; then it goes before the next frame of its direction."""
_LOOK = 7
_HEAD = 2
"""Bytes of the length, which counts all that follows it."""


class Stream(Protocol):
    """One direction of one connection."""

    def feed(self, piece: bytes, now: float) -> bytes:
        """Take what has arrived at `now`; return what goes on."""
        ...


class AsItComes:
    """Changes nothing."""

    def feed(self, piece: bytes, now: float) -> bytes:
        """See Stream."""
        return piece


class Looks:
    """Decides for each LOOK of a proxy: one of `fates`, by a chance of its own; without fates it passes."""

    def __init__(self, counts: Counter[str]) -> None:
        self.fates: Sequence[str] = ()
        self._chance, self._counts = random.Random(), counts

    def on_the_way(self, now: float) -> list[float]:
        """Return when each copy of a LOOK that has come at `now` may go on."""
        fate = self._chance.choice(self.fates) if self.fates else "passed"
        self._counts[f"LOOKs {fate}"] += 1
        match fate:
            case "dropped":
                return []
            case "delayed":
                return [now + self._chance.uniform(0.0, LONGEST_DELAY)]
            case "doubled":
                return [now, now]
            case _:
                return [now]


class Frames:
    """A direction of the wire, read from its first byte."""

    def __init__(self, looks: Looks) -> None:
        self._looks = looks
        self._rest = bytearray()
        self._late: list[tuple[float, bytes]] = []

    def feed(self, piece: bytes, now: float) -> bytes:
        """See Stream."""
        self._rest += piece
        return b"".join(
            copy for frame in self._whole() for copy in [*self._due(now), *self._copies(frame, now)]
        )

    def _due(self, now: float) -> list[bytes]:
        """Return the delayed LOOKs whose time has come."""
        due = [frame for at, frame in self._late if at <= now]
        self._late = [(at, frame) for at, frame in self._late if at > now]
        return due

    def _copies(self, frame: bytes, now: float) -> list[bytes]:
        """Return `frame` as often as it goes on at once."""
        if frame[_HEAD] != _LOOK:
            return [frame]
        moments = self._looks.on_the_way(now)
        self._late += [(at, frame) for at in moments if at > now]
        return [frame for at in moments if at <= now]

    def _whole(self) -> Iterator[bytes]:
        while len(self._rest) > _HEAD:
            size = _HEAD + int.from_bytes(self._rest[:_HEAD], "big")
            if len(self._rest) < size:
                return
            yield bytes(self._rest[:size])
            del self._rest[:size]
