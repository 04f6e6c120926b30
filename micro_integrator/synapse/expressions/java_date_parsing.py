"""Reads dates and times with the pattern letters of Java's DateTimeFormatter.

A day that the month does not have becomes its last day, as Java's default resolver does.
"""

import calendar
import re
from collections.abc import Mapping
from datetime import date, time, timedelta, timezone
from functools import lru_cache

from micro_integrator.synapse.expressions.errors import EvaluationError
from micro_integrator.synapse.expressions.java_dates import DAYS, MONTHS, Moment, tokens

_NUMERIC = "yuMLdDHkKhmsSn"
_OFFSET = r"Z|[+-]\d\d(?::?\d\d)?"


def parse_moment(text: str, pattern: str) -> Moment:
    """Read `text` by `pattern`: a date, a time, or both. Raises EvaluationError."""
    expression, letters = _compiled(pattern)
    found = expression.fullmatch(text)
    if not found:
        raise EvaluationError(f"'{text}' does not follow the date format '{pattern}'")
    fields = dict(zip(letters, found.groups(), strict=True))
    try:
        day, clock, zone = _date(fields), _time(fields), _zone(fields)
    except (ValueError, OverflowError) as error:
        raise EvaluationError(f"'{text}' is no date or time: {error}") from error
    if day is None and clock is None:
        raise EvaluationError(f"the date format '{pattern}' tells neither a date nor a time")
    return Moment(day, clock, zone)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> tuple[re.Pattern[str], tuple[str, ...]]:
    parts = list(tokens(pattern))
    expression, letters = "", []
    for position, (text, letter, count) in enumerate(parts):
        if text is not None:
            expression += re.escape(text)
            continue
        follower = parts[position + 1][1] if position + 1 < len(parts) else ""
        key = f"{letter}{count}" if letter in "yu" else letter
        if key in letters:
            raise EvaluationError(f"a date format is wrong: '{letter}' stands twice in '{pattern}'")
        letters.append(key)
        expression += f"({_field(letter, count, is_adjacent=bool(follower) and follower in _NUMERIC)})"
    return re.compile(expression), tuple(letters)


def _field(letter: str, count: int, *, is_adjacent: bool) -> str:
    if letter in "ML" and count > 2:
        return "|".join(month[:3] if count == 3 else month for month in MONTHS)
    if letter == "E":
        return "|".join(day if count == 4 else day[:3] for day in DAYS)
    if letter == "a":
        return "AM|PM"
    if letter in "XxZ":
        return _OFFSET
    if letter not in _NUMERIC:
        raise EvaluationError(f"a date format is wrong: '{letter}' cannot be read")
    if letter in "yu" and count not in (2,) and not is_adjacent:
        return rf"\d{{{count},9}}"
    return r"\d{1,2}" if count == 1 and letter not in "SDn" else rf"\d{{{count}}}"


def _date(fields: Mapping[str, str]) -> date | None:
    year_text = next((text for key, text in fields.items() if key[0] in "yu"), None)
    if year_text is None:
        return None
    year = int(year_text) + (2000 if "y2" in fields or "u2" in fields else 0)
    if "D" in fields:
        return date(year, 1, 1) + timedelta(days=int(fields["D"]) - 1)
    month, day = _month(fields), fields.get("d")
    if month is None or day is None:
        return None
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(int(day), last) if int(day) <= 31 else int(day))


def _month(fields: Mapping[str, str]) -> int | None:
    text = fields.get("M") or fields.get("L")
    if text is None or text.isdecimal():
        return int(text) if text else None
    return next(number for number, month in enumerate(MONTHS, 1) if month.startswith(text))


def _time(fields: Mapping[str, str]) -> time | None:
    hour = _hour(fields)
    if hour is None:
        return None
    fraction = (fields.get("S") or fields.get("n", "").zfill(9)).ljust(6, "0")[:6]
    return time(hour, int(fields.get("m", 0)), int(fields.get("s", 0)), int(fraction))


def _hour(fields: Mapping[str, str]) -> int | None:
    if "H" in fields:
        return int(fields["H"])
    if "k" in fields:
        return int(fields["k"]) % 24
    half = fields.get("h") or fields.get("K")
    if half is None or "a" not in fields:
        return None
    return int(half) % 12 + (12 if fields["a"] == "PM" else 0)


def _zone(fields: Mapping[str, str]) -> timezone | None:
    text = next((fields[letter] for letter in "XxZ" if letter in fields), None)
    if text is None:
        return None
    digits = text.lstrip("Z+-").replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text.startswith("-") else offset)
