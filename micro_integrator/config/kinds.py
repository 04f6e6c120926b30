"""Kinds of values: how the text or number in a file becomes a typed value.

Every reader accepts what the file formats of the reference accept: numbers and truth values as strings,
lists as comma strings. Anything else is a Mismatch, and the message says what was expected.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

T = TypeVar("T")

_WHOLE = re.compile(r"[+-]?[0-9]+")
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(?:([kmg])i?)?b?", re.IGNORECASE)
_FACTORS = {"": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
_CONTENT_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:\s*;[ -~]*)?", re.ASCII)
_PLAIN_ID = re.compile(r"[!-~]{1,200}")


class Mismatch(Exception):
    """The value is not of the kind that was expected."""


@dataclass(frozen=True)
class Kind(Generic[T]):
    """A way to read one value: `read` returns it or raises Mismatch; `expected` completes "expected …"."""

    expected: str
    read: Callable[[object], T]


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise Mismatch


def _filled(value: object) -> str:
    text = _text(value).strip()
    if not text:
        raise Mismatch
    return text


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Mismatch
    try:
        number = float(value)
    except (ValueError, OverflowError) as error:
        raise Mismatch from error
    if not math.isfinite(number):
        raise Mismatch
    return number


def _whole(value: object) -> int:
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        try:
            value = int(value)
        except ValueError as error:  # thousands of digits
            raise Mismatch from error
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    number = _number(value)
    if not number.is_integer():
        raise Mismatch
    return int(number)


def _bounds(at_least: float | None, at_most: float | None) -> str:
    if at_least is not None and at_most is not None:
        return f" from {at_least:g} to {at_most:g}"
    return "" if at_least is None else f" of at least {at_least:g}"


def _between(value: float, at_least: float | None, at_most: float | None) -> None:
    if (at_least is not None and value < at_least) or (at_most is not None and value > at_most):
        raise Mismatch


def integer(*, at_least: int | None = None, at_most: int | None = None) -> Kind[int]:
    """A whole number within bounds."""

    def read(value: object) -> int:
        whole = _whole(value)
        _between(whole, at_least, at_most)
        return whole

    return Kind("a whole number" + _bounds(at_least, at_most), read)


def number(*, at_least: float | None = None, unit: str = "") -> Kind[float]:
    """A finite number; `unit` only names what it counts."""

    def read(value: object) -> float:
        found = _number(value)
        _between(found, at_least, None)
        return found

    return Kind(f"a number{f' of {unit}' if unit else ''}{_bounds(at_least, None)}", read)


def seconds(*, at_least: float = 0) -> Kind[float]:
    """A duration written in seconds."""
    kind = number(at_least=at_least)
    return Kind("a number of seconds" + (f", at least {at_least:g}" if at_least else ""), kind.read)


def milliseconds(*, at_least: float = 0) -> Kind[float]:
    """A duration written in milliseconds, read as seconds."""
    kind = number(at_least=at_least)
    expected = "a number of milliseconds" + (f", at least {at_least:g}" if at_least else "")
    return Kind(expected, lambda value: kind.read(value) / 1000)


def waiting_milliseconds() -> Kind[float | None]:
    """A duration in milliseconds, read as seconds; -1 means endless and is read as None."""

    def read(value: object) -> float | None:
        found = _number(value)
        if found == -1:
            return None
        _between(found, 0, None)
        return found / 1000

    return Kind("a number of milliseconds, or -1 for endless", read)


def _size(value: object) -> int:
    match = _SIZE.fullmatch(_text(value).strip())
    if match is None:
        raise Mismatch
    amount, letter = match.groups()
    return int(_number(amount) * _FACTORS[(letter or "").lower()])


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise Mismatch


def _switch(value: object) -> bool:
    if isinstance(value, str) and value.strip().lower() in ("on", "off"):
        return value.strip().lower() == "on"
    return _boolean(value)


def choice(*words: str, also: Mapping[str, str] | None = None) -> Kind[str]:
    """One of `words`, in any case; `also` maps further spellings to one of them."""
    known = {word.lower(): word for word in words}
    known |= {spelling.lower(): word for spelling, word in (also or {}).items()}

    def read(value: object) -> str:
        try:
            return known[_text(value).strip().lower()]
        except KeyError as error:
            raise Mismatch from error

    return Kind(words[0] if len(words) == 1 else "one of " + ", ".join(words), read)


def _strings(value: object) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else _text(value).split(",")
    texts = (_text(part).strip() for part in parts)
    return tuple(text for text in texts if text)


def _words(value: object) -> tuple[str, ...]:
    return tuple(word.lower() for text in _strings(value) for word in text.split())


def _plain_id(value: object) -> str:
    text = _text(value)
    if not _PLAIN_ID.fullmatch(text):
        raise Mismatch
    return text


def _content_type(value: object) -> str:
    text = _text(value).strip()
    if not _CONTENT_TYPE.fullmatch(text):
        raise Mismatch
    return text


def _regex(value: object) -> re.Pattern[str]:
    try:
        return re.compile(_filled(value))
    except re.error as error:
        raise Mismatch from error


def _regexes(value: object) -> tuple[re.Pattern[str], ...]:
    return tuple(_regex(part) for part in (value if isinstance(value, list) else [value]))


def _zone(value: object) -> str:
    name = _filled(value)
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:  # unknown, a folder of zones, a path
        raise Mismatch from error
    return name


def _pairs(value: object) -> Mapping[str, str]:
    found = {}
    for part in filter(None, (part.strip() for part in _text(value).split(";"))):
        name, equals, text = part.partition("=")
        if not equals or not name.strip():
            raise Mismatch
        found[name.strip()] = text.strip()
    return found


string = Kind("a text", _text)
filled = Kind("a text that is not empty", _filled)
size = Kind("a size such as 16777216 or '16 MiB'", _size)
boolean = Kind("true or false", _boolean)
switch = Kind("on or off", _switch)
strings = Kind("a list of texts, or a text with commas", _strings)
words = Kind("a text with blanks or commas between its words, or a list of them", _words)
plain_id = Kind("1 to 200 printable ASCII characters without blanks", _plain_id)
content_type = Kind("a content type such as application/json", _content_type)
regex = Kind("a regular expression", _regex)
regexes = Kind("a regular expression, or a list of them", _regexes)
zone = Kind("a time zone such as Europe/Berlin", _zone)
pairs = Kind("pairs such as a=b;c=d", _pairs)
port = integer(at_least=0, at_most=65535)
