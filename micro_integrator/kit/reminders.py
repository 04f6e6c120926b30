"""Lines about standing trouble: said at once, then once in a while, never with every attempt."""

from collections.abc import Hashable

REMIND_EVERY = 60.0
"""Seconds between two lines about the same trouble, unless somebody says otherwise."""
MOST = 10_000
"""Troubles remembered; with more of them at a time the oldest speak again."""


class Reminders:
    """Remembers when each trouble was told."""

    __slots__ = ("_every", "_most", "_told_at")

    def __init__(self, every: float = REMIND_EVERY, most: int = MOST) -> None:
        self._every, self._most = every, most
        self._told_at: dict[Hashable, float] = {}

    def is_due(self, now: float, trouble: Hashable = "") -> bool:
        """Whether to speak of `trouble` at `now` (seconds on any monotonic clock); True counts as spoken."""
        if now - self._told_at.get(trouble, float("-inf")) < self._every:
            return False
        self._told_at.pop(trouble, None)  # and to the end: the oldest stand first
        while len(self._told_at) >= self._most:
            del self._told_at[next(iter(self._told_at))]
        self._told_at[trouble] = now
        return True
