"""A compiled cron expression: what it fires at, and the search for the next such time.

All times here are walls: what the clock of the zone shows, in seconds (see `wall_clock`).
"""

from dataclasses import dataclass
from datetime import date

from micro_integrator.tasks.triggers.bits import first, first_from
from micro_integrator.tasks.triggers.cron_days import DayRule, month_of

_DAY, _HOUR, _MINUTE = 86_400, 3600, 60
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class CronFields:
    """The fields as sets of numbers (see `bits`), none of them empty; the two day fields have become one rule."""

    seconds: int
    minutes: int
    hours: int
    day_rule: DayRule
    months: int
    years: int

    def first_from(self, wall: int) -> int | None:
        """Return the first matching wall that is not before `wall`, or None if there is none in any listed year."""
        day, time = divmod(wall, _DAY)
        if (found := self._day_from(day)) is None:
            return None
        if found == day:
            if (matching := self._time_from(time)) is not None:
                return day * _DAY + matching
            if (found := self._day_from(day + 1)) is None:
                return None
        return found * _DAY + self._first_time()

    def blocks(self) -> tuple[tuple[int, int, int], ...]:
        """Return for a day, an hour and a minute that fire: its seconds, those before its first fire, its fires."""
        in_minute, in_hour = self.seconds.bit_count(), self.seconds.bit_count() * self.minutes.bit_count()
        return (
            (_DAY, self._first_time(), in_hour * self.hours.bit_count()),
            (_HOUR, self._first_time() % _HOUR, in_hour),
            (_MINUTE, self._first_time() % _MINUTE, in_minute),
        )

    def _first_time(self) -> int:
        return first(self.hours) * _HOUR + first(self.minutes) * _MINUTE + first(self.seconds)

    def _time_from(self, time: int) -> int | None:
        """Return the first matching second of a day that is not before `time`, or None when the day is over."""
        minute_of_day, second = divmod(time, _MINUTE)
        later_second = first_from(self.seconds, second)
        if later_second is None:
            minute_of_day += 1
        hour, minute = divmod(minute_of_day, 60)
        later_minute = first_from(self.minutes, minute)
        if later_minute is None:
            hour += 1
        if (later_hour := first_from(self.hours, hour)) is None:
            return None
        if later_hour > hour or later_minute is None:
            later_minute, later_second = first(self.minutes), None
        elif later_minute > minute:
            later_second = None
        if later_second is None:
            later_second = first(self.seconds)
        return later_hour * _HOUR + later_minute * _MINUTE + later_second

    def _day_from(self, day: int) -> int | None:
        """Return the first matching day, counted from 1970-01-01, that is not before `day`, or None."""
        start = date.fromordinal(_EPOCH + day)
        year = first_from(self.years, start.year)
        while year is not None:
            month = first_from(self.months, start.month if year == start.year else 1)
            while month is not None:
                is_first = year == start.year and month == start.month
                days = self.day_rule.days(month_of(year, month))
                if (found := first_from(days, start.day if is_first else 1)) is not None:
                    return date(year, month, found).toordinal() - _EPOCH
                month = first_from(self.months, month + 1)
            year = first_from(self.years, year + 1)
        return None
