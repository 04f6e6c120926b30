"""On which days of a month a cron expression fires: one class per way of saying it.

Every rule answers for a whole month with the set of its days (see `bits`), so that a search looks at a month once.
Weekdays are numbered as in a cron expression: 1 = Sunday to 7 = Saturday.
"""

from calendar import monthrange
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from micro_integrator.tasks.triggers.bits import first_from

_WEEKLY = 1 | 1 << 7 | 1 << 14 | 1 << 21 | 1 << 28
SUNDAY, SATURDAY = 1, 7


@dataclass(frozen=True, slots=True)
class Month:
    """The shape of one month: its number of days, the weekday of its first day."""

    length: int
    first_weekday: int

    def weekday(self, day: int) -> int:
        """Return the weekday of a day of this month."""
        return (self.first_weekday + day - 2) % 7 + 1

    def all(self, weekday: int) -> int:
        """Return the days that are this weekday."""
        return self.existing(_WEEKLY << (weekday - self.first_weekday) % 7 + 1)

    def existing(self, days: int) -> int:
        """Return those of `days` that this month has."""
        return days & (2 << self.length) - 2


@cache
def month_of(year: int, month: int) -> Month:
    """Return the shape of a month of the Gregorian calendar."""
    monday_is_zero, length = monthrange(year, month)
    return Month(length, (monday_is_zero + 1) % 7 + 1)


class DayRule(Protocol):
    """Which days of a month are meant."""

    def days(self, month: Month) -> int:
        """Return the set of days; it may be empty."""
        ...


@dataclass(frozen=True, slots=True)
class DaysOfMonth:
    """`1,15`, `*`, `10-20/2`: these numbers, as far as the month has them."""

    numbers: int

    def days(self, month: Month) -> int:
        """Return the numbers that exist."""
        return month.existing(self.numbers)


@dataclass(frozen=True, slots=True)
class LastDay:
    """`L`, `L-3`, `LW`, `L-3W`: counted from the end, moved to the nearest weekday if `working`."""

    before: int
    working: bool

    def days(self, month: Month) -> int:
        """Return one day, or none if the month is too short."""
        day = month.length - self.before
        if day < 1:
            return 0
        return 1 << (_nearest_working_day(month, day) if self.working else day)


@dataclass(frozen=True, slots=True)
class NearestWeekday:
    """`15W`: the day itself, or the Friday before or Monday after, never in another month."""

    day: int

    def days(self, month: Month) -> int:
        """Return one day, or none if the month is too short."""
        return 1 << _nearest_working_day(month, self.day) if self.day <= month.length else 0


def _nearest_working_day(month: Month, day: int) -> int:
    weekday = month.weekday(day)
    if weekday == SATURDAY:
        return day - 1 if day > 1 else day + 2
    if weekday == SUNDAY:
        return day + 1 if day < month.length else day - 2
    return day


@dataclass(frozen=True, slots=True)
class DaysOfWeek:
    """`MON-FRI`, `2,4,6`: all days that are one of these weekdays."""

    weekdays: int

    def days(self, month: Month) -> int:
        """Return every week's days."""
        days, weekday = 0, first_from(self.weekdays, SUNDAY)
        while weekday is not None:
            days |= month.all(weekday)
            weekday = first_from(self.weekdays, weekday + 1)
        return days


@dataclass(frozen=True, slots=True)
class LastWeekday:
    """`6L`: the last Friday of the month."""

    weekday: int

    def days(self, month: Month) -> int:
        """Return one day."""
        return 1 << month.all(self.weekday).bit_length() - 1


@dataclass(frozen=True, slots=True)
class NthWeekday:
    """`6#3`: the third Friday of the month."""

    weekday: int
    nth: int

    def days(self, month: Month) -> int:
        """Return one day, or none if the month has no fifth one."""
        first_day = (self.weekday - month.first_weekday) % 7 + 1
        return month.existing(1 << first_day + 7 * (self.nth - 1))
