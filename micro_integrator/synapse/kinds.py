"""What the text of an attribute can mean. A kind returns the value, or raises ValueError saying what is expected."""

from collections.abc import Callable

Kind = Callable[[str], object]


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


def one_of(*words: str) -> Callable[[str], str]:
    """Return the kind that takes one of `words`."""

    def choose(value: str) -> str:
        if value.strip() not in words:
            raise ValueError(", ".join(words[:-1]) + f" or {words[-1]}")
        return value.strip()

    return choose
