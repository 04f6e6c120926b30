"""Writes dates and times with the pattern letters of Java's DateTimeFormatter, names in English.

Weeks are those of the United States (Sunday first), as in the JVM's default locale.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from functools import lru_cache

from micro_integrator.synapse.expressions.errors import EvaluationError

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|([^A-Za-z']+)")


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, a time of day, or both, perhaps in a zone: whatever a text told us."""

    day: date | None = None
    clock: time | None = None
    zone: tzinfo | None = None

    def date(self) -> date:
        """The date. Raises EvaluationError if there is none."""
        if self.day is None:
            raise EvaluationError("the time has no date to be formatted")
        return self.day

    def time(self) -> time:
        """The time of day. Raises EvaluationError if there is none."""
        if self.clock is None:
            raise EvaluationError("the date has no time to be formatted")
        return self.clock

    def offset(self) -> timedelta:
        """How far the zone is ahead of UTC."""
        moment = datetime.combine(self.date(), self.time(), self.zone) if self.zone else None
        offset = moment.utcoffset() if moment else None
        if offset is None:
            raise EvaluationError("the text has no time zone to be formatted")
        return offset

    def zone_name(self) -> str:
        """The short name of the zone."""
        self.offset()
        return datetime.combine(self.date(), self.time(), self.zone).tzname() or "UTC"


def at(milliseconds: float | Decimal) -> Moment:
    """The moment `milliseconds` after 1970 in the server's time zone. Raises EvaluationError."""
    try:
        # through a double: a decimal such as 1e999999999 would become a whole number of a billion digits
        whole = math.trunc(float(milliseconds))
        local = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=whole)).astimezone()
    except (OverflowError, ValueError) as error:
        raise EvaluationError(f"{milliseconds} ms is beyond the calendar") from error
    return Moment(local.date(), local.time(), local.tzinfo)


def format_moment(moment: Moment, pattern: str) -> str:
    """Write `moment` by `pattern`. Raises EvaluationError for unknown letters and missing parts."""
    return "".join(part if isinstance(part, str) else part(moment) for part in _compiled(pattern))


Writer = Callable[[Moment], str]


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> tuple[str | Writer, ...]:
    return tuple(
        text if text is not None else _writer(letter, count) for text, letter, count in tokens(pattern)
    )


def tokens(pattern: str) -> Iterator[tuple[str | None, str, int]]:
    """Cut a pattern into (literal text, "", 0) and (None, letter, count). Raises EvaluationError."""
    position = 0
    while position < len(pattern):
        found = _TOKEN.match(pattern, position)
        if not found:
            raise EvaluationError(f"a date format is wrong: the quote in '{pattern}' is not closed")
        quoted, letter, other = found.groups()
        if letter:
            yield None, letter, len(found.group())
        else:
            yield (other or quoted.replace("''", "'") or "'"), "", 0
        position = found.end()


def _writer(letter: str, count: int) -> Writer:
    make = _WRITERS.get(letter)
    if make is None:
        raise EvaluationError(f"a date format is wrong: unknown pattern letter '{letter}'")
    return make(count)


def _number(read: Callable[[Moment], int]) -> Callable[[int], Writer]:
    return lambda count: lambda moment: str(read(moment)).zfill(count)


def _year(read: Callable[[Moment], int]) -> Callable[[int], Writer]:
    def make(count: int) -> Writer:
        if count == 2:
            return lambda moment: str(read(moment) % 100).zfill(2)
        return lambda moment: str(read(moment)).zfill(count)

    return make


def _name(names: tuple[str, ...], read: Callable[[Moment], int], count: int) -> Writer:
    width = {3: 3, 5: 1}.get(count)
    return lambda moment: names[read(moment)][:width]


def _month(count: int) -> Writer:
    if count < 3:
        return lambda moment: str(moment.date().month).zfill(count)
    return _name(MONTHS, lambda moment: moment.date().month - 1, count)


def _quarter(count: int) -> Writer:
    def number(moment: Moment) -> int:
        return (moment.date().month + 2) // 3

    if count < 3:
        return lambda moment: str(number(moment)).zfill(count)
    ordinals = ("1st", "2nd", "3rd", "4th")
    if count == 4:
        return lambda moment: f"{ordinals[number(moment) - 1]} quarter"
    return lambda moment: f"Q{number(moment)}" if count == 3 else str(number(moment))


def _day_name(count: int) -> Writer:
    return _name(DAYS, lambda moment: moment.date().weekday(), max(count, 3))


def _local_day(count: int) -> Writer:
    if count > 2:
        return _day_name(count)
    return lambda moment: str(moment.date().isoweekday() % 7 + 1).zfill(count)


def _fraction(count: int) -> Writer:
    return lambda moment: f"{moment.time().microsecond:06d}".ljust(count, "0")[:count]


def _nano_of_day(moment: Moment) -> int:
    clock = moment.time()
    return ((clock.hour * 60 + clock.minute) * 60 + clock.second) * 1_000_000_000 + clock.microsecond * 1000


def _offset(zero: str) -> Callable[[int], Writer]:
    def make(count: int) -> Writer:
        return lambda moment: _offset_text(moment.offset(), count, zero)

    return make


def _offset_text(offset: timedelta, count: int, zero: str) -> str:
    if not offset and zero:
        return zero
    seconds = int(offset.total_seconds())
    hours, rest = divmod(abs(seconds), 3600)
    sign, minutes = "-" if seconds < 0 else "+", rest // 60
    if count == 1:
        return f"{sign}{hours:02d}{minutes:02d}" if minutes else f"{sign}{hours:02d}"
    return f"{sign}{hours:02d}{':' if count in (3, 5) else ''}{minutes:02d}"


def _rfc_offset(count: int) -> Writer:
    if count == 4:
        return _gmt_offset(4)
    # one to three letters mean +0000, five mean Z or +00:00
    zero, width = ("Z", 5) if count == 5 else ("", 2)
    return lambda moment: _offset_text(moment.offset(), width, zero)


def _gmt_offset(count: int) -> Writer:
    def write(moment: Moment) -> str:
        offset = moment.offset()
        if not offset:
            return "GMT"
        text = _offset_text(offset, 3, "")
        return f"GMT{text}" if count == 4 else f"GMT{text[0]}{text[1:].lstrip('0').removesuffix(':00')}"

    return write


def _week(day: date) -> tuple[int, int]:
    """Year and number of the week that `day` is in; week 1 is the one with 1 January."""
    sunday = day - timedelta(days=day.isoweekday() % 7)
    year = (sunday + timedelta(days=6)).year
    new_year = date(year, 1, 1)
    first_sunday = new_year - timedelta(days=new_year.isoweekday() % 7)
    return year, (sunday - first_sunday).days // 7 + 1


def _week_of_month(day: date) -> int:
    return (day.day + day.replace(day=1).isoweekday() % 7 - 1) // 7 + 1


_WRITERS: dict[str, Callable[[int], Writer]] = {
    "G": lambda count: lambda moment: "Anno Domini" if count == 4 else "A" if count == 5 else "AD",
    "y": _year(lambda moment: moment.date().year),
    "u": _year(lambda moment: moment.date().year),
    "Y": _year(lambda moment: _week(moment.date())[0]),
    "M": _month,
    "L": _month,
    "d": _number(lambda moment: moment.date().day),
    "D": _number(lambda moment: moment.date().timetuple().tm_yday),
    "Q": _quarter,
    "q": _quarter,
    "w": _number(lambda moment: _week(moment.date())[1]),
    "W": _number(lambda moment: _week_of_month(moment.date())),
    "E": _day_name,
    "e": _local_day,
    "c": _local_day,
    "F": _number(lambda moment: (moment.date().day - 1) // 7 + 1),
    "a": lambda count: lambda moment: "AM" if moment.time().hour < 12 else "PM",
    "H": _number(lambda moment: moment.time().hour),
    "k": _number(lambda moment: moment.time().hour or 24),
    "K": _number(lambda moment: moment.time().hour % 12),
    "h": _number(lambda moment: moment.time().hour % 12 or 12),
    "m": _number(lambda moment: moment.time().minute),
    "s": _number(lambda moment: moment.time().second),
    "S": _fraction,
    "A": _number(lambda moment: _nano_of_day(moment) // 1_000_000),
    "n": _number(lambda moment: moment.time().microsecond * 1000),
    "N": _number(_nano_of_day),
    "V": lambda count: Moment.zone_name,
    "z": lambda count: Moment.zone_name,
    "v": lambda count: Moment.zone_name,
    "O": _gmt_offset,
    "X": _offset("Z"),
    "x": _offset(""),
    "Z": _rfc_offset,
}
