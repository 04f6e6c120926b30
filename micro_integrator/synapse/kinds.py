"""What the text of an attribute can mean. A kind returns the value, or raises ValueError saying what is expected."""

import re
from collections.abc import Callable

Kind = Callable[[str], object]

_DURATION = re.compile(r"([+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,2})?)\s*(ms|s|m|h)?")
_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}


def text(value: str) -> str:
    """Take any text."""
    return value


def filled(value: str) -> str:
    """Take any text but an empty one."""
    if not value.strip():
        raise ValueError("a text that is not empty")
    return value


def boolean(value: str) -> bool:
    """Take `true` or `false` in any case."""
    word = value.strip().lower()
    if word not in {"true", "false"}:
        raise ValueError("true or false")
    return word == "true"


def whole_number(value: str) -> int:
    """Take a whole number from 0 on."""
    if not value.strip().isdecimal():
        raise ValueError("a whole number")
    return int(value)


def duration(value: str, unit: str = "ms") -> float:
    """Take a number of `unit`, or one with its own unit behind it, such as `500ms`, `5s` or `2m`; give seconds."""
    found = _DURATION.fullmatch(value.strip())
    if found is None:
        names = {"ms": "milliseconds", "s": "seconds"}
        raise ValueError(f"a number of {names[unit]}, or one with its unit such as 500ms, 5s or 2m")
    return float(found[1]) * _MILLISECONDS[found[2] or unit] / 1000


def one_of(*words: str) -> Callable[[str], str]:
    """Return the kind that takes one of `words`."""

    def choose(value: str) -> str:
        if value.strip() not in words:
            raise ValueError(", ".join(words[:-1]) + f" or {words[-1]}")
        return value.strip()

    return choose
