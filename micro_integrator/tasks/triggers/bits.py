"""Small sets of small numbers as the bits of one integer: bit n is set when n is in the set."""

from collections.abc import Iterable


def set_of(numbers: Iterable[int]) -> int:
    """Return the set of these numbers, none of them negative."""
    bits = 0
    for number in numbers:
        bits |= 1 << number
    return bits


def first_from(bits: int, start: int) -> int | None:
    """Return the smallest member that is not below `start`, or None."""
    rest = bits >> start
    return start + (rest & -rest).bit_length() - 1 if rest else None


def first(bits: int) -> int:
    """Return the smallest member of a set that is not empty."""
    return (bits & -bits).bit_length() - 1
