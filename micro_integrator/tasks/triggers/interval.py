"""Fixed intervals: a grid of instants, counted by ordinal numbers from an anchor."""

from dataclasses import dataclass

from micro_integrator.tasks.triggers.errors import TriggerError

_LONGEST = 10_000_000_000
"""Seconds (317 years): an anchor in this century plus a whole interval stays far inside a database BIGINT."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Every so many seconds, for ever or `count` times.

    seconds  a whole number, at least 1
    count    how many occurrences in total; None = for ever, 0 = scheduled but never run

    Raises TriggerError.
    """

    seconds: float
    count: int | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.seconds <= _LONGEST or self.seconds != int(self.seconds):
            raise TriggerError(
                f"interval {self.seconds} is not allowed: write a whole number of seconds, 1-{_LONGEST}",
                attribute="interval",
            )
        if self.count is not None and self.count < 0:
            raise TriggerError(f"count {self.count} is negative", attribute="count")

    @property
    def milliseconds(self) -> int:
        """The distance of two neighbours on the grid."""
        return int(self.seconds) * 1000

    def due(self, anchor_ms: int, anchor_key: int, key: int) -> int:
        """Return the instant (epoch ms) at which occurrence `key` is due, `anchor_key` being due at `anchor_ms`."""
        return anchor_ms + (key - anchor_key) * self.milliseconds

    def key_at(self, anchor_ms: int, anchor_key: int, instant_ms: int) -> int:
        """Return the newest key due at or before `instant_ms`; below `anchor_key` if that is before the anchor."""
        return anchor_key + (instant_ms - anchor_ms) // self.milliseconds
