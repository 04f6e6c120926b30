"""The text of a cron expression: fields, numbers, names, ranges, steps and lists.

    second minute hour day-of-month month day-of-week [year]

    field     item (, item)*
    item      * | VALUE | VALUE-VALUE, each with an optional /STEP; a range may wrap around: 22-2, NOV-FEB
    VALUE/STEP  from the value to the end of the field, */STEP and /STEP from its beginning

Each of these stands alone in its field:

    ?                   no rule; in exactly one of the two day fields
    L L-3 LW L-3W 15W   day-of-month: the last, third before it, last weekday, ..., the weekday nearest to the 15th
    L 6L 6#3            day-of-week: Saturday, the last Friday of the month, the third Friday
"""

import re
from dataclasses import dataclass

from micro_integrator.tasks.triggers.bits import set_of
from micro_integrator.tasks.triggers.cron_days import (
    SATURDAY,
    DayRule,
    DaysOfMonth,
    DaysOfWeek,
    LastDay,
    LastWeekday,
    NearestWeekday,
    NthWeekday,
)
from micro_integrator.tasks.triggers.cron_fields import CronFields


class Unreadable(Exception):
    """What is wrong with an expression, and what is allowed; the expression itself is named by the caller."""


@dataclass(frozen=True, slots=True)
class Field:
    """What one field may hold."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    special: str = ""

    def __str__(self) -> str:
        """Say what is allowed, for messages."""
        names = f" or {self.names[0]}-{self.names[-1]}" if self.names else ""
        return f"{self.low}-{self.high}{names}, ranges a-b, steps a/n, lists and *{self.special}"


_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_WEEKDAY_NAMES = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")

SECOND = Field("second", 0, 59)
MINUTE = Field("minute", 0, 59)
HOUR = Field("hour", 0, 23)
DAY_OF_MONTH = Field("day-of-month", 1, 31, special="; alone: ?, L, L-3, LW, 15W")
MONTH = Field("month", 1, 12, _MONTH_NAMES)
DAY_OF_WEEK = Field("day-of-week", 1, 7, _WEEKDAY_NAMES, special="; alone: ?, L, 6L, 6#3")
YEAR = Field("year", 1970, 2199)

_NUMBER = r"[0-9]{1,9}"
_VALUE = rf"(?:{_NUMBER}|[A-Z]+)"
_ITEM = re.compile(rf"(?:\*|(?P<first>{_VALUE})(?:-(?P<last>{_VALUE}))?)?(?:/(?P<step>{_NUMBER}))?")
_LAST_DAY = re.compile(rf"L(?:-(?P<before>{_NUMBER}))?(?P<working>W?)")
_NEAREST = re.compile(rf"(?P<day>{_NUMBER})W")
_IN_MONTH = re.compile(rf"(?P<weekday>{_VALUE}?)(?:L|#(?P<nth>{_NUMBER}))")


def read_cron(text: str) -> CronFields:
    """Return the compiled fields of an expression; names and letters may be in any case. Raises Unreadable."""
    parts = text.upper().split()
    if len(parts) == 5:
        raise Unreadable(f"the seconds field is missing{_instead(parts)}")
    if len(parts) not in (6, 7):
        raise Unreadable(
            f"{len(parts)} fields are given; allowed are 6 or 7: "
            "second minute hour day-of-month month day-of-week [year]"
        )
    second, minute, hour, day_of_month, month, day_of_week, year = [*parts, "*"][:7]
    return CronFields(
        seconds=_read_set(SECOND, second),
        minutes=_read_set(MINUTE, minute),
        hours=_read_set(HOUR, hour),
        day_rule=_read_day_rule(day_of_month, day_of_week),
        months=_read_set(MONTH, month),
        years=_read_set(YEAR, year),
    )


def _read_day_rule(day_of_month: str, day_of_week: str) -> DayRule:
    if (day_of_month == "?") == (day_of_week == "?"):
        hint = "; write '?' as day-of-week" if day_of_week == "*" else ""
        hint = hint or ("; write '?' as day-of-month" if day_of_month == "*" else "")
        raise Unreadable(
            f"exactly one of day-of-month '{day_of_month}' and day-of-week '{day_of_week}' must be '?'{hint}"
        )
    return _read_day_of_week(day_of_week) if day_of_month == "?" else _read_day_of_month(day_of_month)


def _read_day_of_month(text: str) -> DayRule:
    if match := _LAST_DAY.fullmatch(text):
        before = int(match["before"] or 0)
        if before > 30:
            raise Unreadable(f"day-of-month '{text}': offset {before} is out of range 0-30")
        return LastDay(before, working=bool(match["working"]))
    if match := _NEAREST.fullmatch(text):
        return NearestWeekday(_read_value(DAY_OF_MONTH, match["day"]))
    return DaysOfMonth(_read_set(DAY_OF_MONTH, text))


def _read_day_of_week(text: str) -> DayRule:
    match = _IN_MONTH.fullmatch(text)
    if match is None:
        return DaysOfWeek(_read_set(DAY_OF_WEEK, text))
    if text == "L":
        return DaysOfWeek(set_of([SATURDAY]))
    weekday = _read_value(DAY_OF_WEEK, match["weekday"])
    if match["nth"] is None:
        return LastWeekday(weekday)
    nth = int(match["nth"])
    if not 1 <= nth <= 5:
        raise Unreadable(f"day-of-week '{text}': number {nth} after '#' is out of range 1-5")
    return NthWeekday(weekday, nth)


def _read_set(kind: Field, text: str) -> int:
    """Return the set of numbers of a list; like Quartz, pass over empty items (`1,2,`)."""
    items = [item for item in text.split(",") if item]
    if not items:
        raise Unreadable(f"{kind.name} '{text}' is empty; allowed are {kind}")
    return set_of(number for item in items for number in _read_item(kind, item))


def _read_item(kind: Field, item: str) -> range | list[int]:
    match = _ITEM.fullmatch(item)
    if match is None:
        raise Unreadable(f"{kind.name} '{item}' cannot be read; allowed are {kind}")
    first, last = match["first"], match["last"]
    start = kind.low if first is None else _read_value(kind, first)
    step = _read_step(kind, item, match["step"])
    if last is not None:
        return _read_range(kind, item, start, _read_value(kind, last), step)
    stop = start if first is not None and match["step"] is None else kind.high
    return range(start, stop + 1, step)


def _read_range(kind: Field, item: str, start: int, stop: int, step: int) -> list[int]:
    size = kind.high - kind.low + 1
    if stop < start:
        if kind is YEAR:
            raise Unreadable(f"year range '{item}' runs backwards")
        stop += size
    return [kind.low + (number - kind.low) % size for number in range(start, stop + 1, step)]


def _read_step(kind: Field, item: str, text: str | None) -> int:
    if text is None:
        return 1
    if item[0].isalpha():
        # Quartz reads this and fires as if the step were not there: better no task than one that runs too rarely
        raise Unreadable(
            f"{kind.name} '{item}': a step needs numbers in front of it, such as {kind.low}/{text}"
        )
    step = int(text)
    if not 1 <= step <= kind.high:
        raise Unreadable(f"{kind.name} '{item}': step {step} is out of range 1-{kind.high}")
    return step


def _read_value(kind: Field, text: str) -> int:
    if not text.isdigit():
        if text not in kind.names:
            raise Unreadable(f"{kind.name} '{text}' cannot be read; allowed are {kind}")
        return kind.low + kind.names.index(text)
    value = int(text)
    if not kind.low <= value <= kind.high:
        raise Unreadable(f"{kind.name} {value} is out of range {kind.low}-{kind.high}")
    return value


def _instead(unix: list[str]) -> str:
    """Return the correction of a Unix expression, in which weekdays count from 0 = Sunday, if Quartz can say it."""
    minute, hour, day_of_month, month, day_of_week = unix
    if day_of_week in "*?":
        day_of_week = "?"
    elif day_of_month in "*?":
        day_of_month = "?"
    named = re.sub(r"(?<![/0-9])[0-7](?![0-9])", lambda digit: _WEEKDAY_NAMES[int(digit[0]) % 7], day_of_week)
    corrected = f"0 {minute} {hour} {day_of_month} {month} {named}"
    try:
        read_cron(corrected)
    except Unreadable:
        return "; six or seven fields are allowed: second minute hour day-of-month month day-of-week [year]"
    return f"; write '{corrected}'"
