"""Cron expressions with the meaning they have in Quartz 2.3.

An expression is compiled once (`cron_grammar`) and then asked three questions: when next, which was the latest, how
many were there. Days are chosen by the rules in `cron_days`; `wall_clock` says what happens when clocks are changed.
"""

from dataclasses import dataclass, field

from micro_integrator.tasks.triggers.cron_fields import CronFields
from micro_integrator.tasks.triggers.cron_grammar import Unreadable, read_cron
from micro_integrator.tasks.triggers.errors import TriggerError
from micro_integrator.tasks.triggers.wall_clock import WallClock

_END = 7_258_118_400
"""2200-01-01 00:00 UTC: no expression reaches this far."""


@dataclass(frozen=True, slots=True)
class Cron:
    """A cron expression in an IANA time zone; two of them are equal when both texts are.

    All instants are epoch milliseconds; fire times are whole seconds. Raises TriggerError, which names the field.
    """

    text: str
    zone: str
    _fields: CronFields = field(init=False, repr=False, compare=False)
    _clock: WallClock = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            fields = read_cron(self.text)
        except Unreadable as problem:
            raise TriggerError(f"cron '{self.text}': {problem}", attribute="cron") from problem
        object.__setattr__(self, "_fields", fields)
        object.__setattr__(self, "_clock", WallClock(self.zone))

    def next_after(self, instant_ms: int) -> int | None:
        """Return the first fire time strictly after an instant, or None if there is none up to the year 2199."""
        second = max(instant_ms // 1000 + 1, 0)
        if second >= _END:
            return None
        wall: int | None = self._clock.wall_from(second)
        while wall is not None and (wall := self._fields.first_from(wall)) is not None:
            if (instant := self._clock.instant(wall)) is not None:
                return instant * 1000
            wall = self._clock.gap_end(wall)
        return None

    def latest_not_after(self, instant_ms: int, after_ms: int) -> int | None:
        """Return the newest fire time in (after_ms, instant_ms], or None."""
        low = self.next_after(after_ms)
        if low is None or low > instant_ms:
            return None
        high = instant_ms // 1000 * 1000
        # halve the stretch in whole seconds: `low` fires, and nothing fires after `high`
        while low < high:
            later = self.next_after((low + high) // 2000 * 1000)
            if later is None or later > instant_ms:
                high = (low + high) // 2000 * 1000
            else:
                low = later
        return low

    def count_between(self, after_ms: int, until_ms: int, limit: int) -> int:
        """Return the number of fire times in (after_ms, until_ms], at most `limit`."""
        fires, fire = 0, self.next_after(after_ms)
        while fire is not None and fire <= until_ms and fires < limit:
            more, last = self._count_from(fire, until_ms)
            fires, fire = fires + more, self.next_after(last)
        return min(fires, limit)

    def never_fires(self, now_ms: int) -> bool:
        """Return whether there is nothing left to fire, as for the 30th of February or a year that is over."""
        return self.next_after(now_ms) is None

    def _count_from(self, fire: int, until_ms: int) -> tuple[int, int]:
        """Return a number of fires, of which `fire` is the first, and an instant up to which there are no others.

        Whole days, hours and minutes are counted by multiplication: a task that fires every second and was away for
        a month must not keep its node busy. A block in which the clock is changed is not as long as it should be.
        """
        wall = self._clock.wall_from(fire // 1000)
        for size, first, fires in self._fields.blocks():
            start = wall - wall % size
            begin, end = self._clock.instant(start), self._clock.instant(start + size)
            if begin is None or end is None or end - begin != size:
                continue
            if wall == start + first and end * 1000 <= until_ms:
                return fires, end * 1000 - 1
        return 1, fire
