"""Arithmetic of `${…}`: int, double (float) and exact decimal, with the results that users of the JVM expect.

Decimals are digits that came from JSON and were not calculated with yet. Whole numbers stay whole, up to a
thousand digits; as soon as one side is a double or a decimal, the decimal digits count and the result is a double.
"""

import math
import re
from decimal import ROUND_HALF_UP, Context, Decimal

from micro_integrator.synapse.expressions.errors import EvaluationError
from micro_integrator.synapse.expressions.inline_nodes import LooseText
from micro_integrator.synapse.expressions.values import NUMBER, double_text

Number = int | float | Decimal

_SIGNED = re.compile(r"[+-]?" + NUMBER.pattern)
_DOUBLE_DIGITS = 15
_MOST_BITS = 3322
_ROUNDING = Context(prec=2100, rounding=ROUND_HALF_UP)
"""Wide enough for the digits of every number that is read, and of every double."""


def read_number(text: str) -> Number:
    """The number that `text` (matched by NUMBER, maybe signed) means; too exact for a double stays exact."""
    if text.lstrip("+-").isdecimal():
        return int(text)
    exact = Decimal(text)
    return float(text) if len(exact.as_tuple().digits) <= _DOUBLE_DIGITS else exact


def as_number(value: object) -> Number | None:
    """The value as a number, None if it is none; text counts only if it came from outside the payload."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float | Decimal):
        return value
    if isinstance(value, LooseText) and _SIGNED.fullmatch(value):
        return read_number(value)
    return None


def exact(number: Number) -> Decimal:
    """The decimal digits of a number."""
    return Decimal(double_text(number)) if isinstance(number, float) else Decimal(number)


def within_limits(result: Number) -> Number:
    """The result of a calculation. Raises OverflowError for a whole number that has grown beyond all use."""
    if isinstance(result, int) and result.bit_length() > _MOST_BITS:
        raise OverflowError("a whole number has more than a thousand digits")
    return result


def add(left: Number, right: Number) -> Number:
    """The sum."""
    if isinstance(left, int) and isinstance(right, int):
        return left + right
    return float(exact(left) + exact(right))


def subtract(left: Number, right: Number) -> Number:
    """The difference."""
    if isinstance(left, int) and isinstance(right, int):
        return left - right
    return float(exact(left) - exact(right))


def multiply(left: Number, right: Number) -> Number:
    """The product."""
    if isinstance(left, int) and isinstance(right, int):
        return left * right
    return float(exact(left) * exact(right))


def divide(left: Number, right: Number) -> Number:
    """The quotient: whole if it is, a double for whole operands, else rounded half up.

    It keeps as many decimals as the dividend has, which is what existing artifacts count on: `34.45 / 3.44` is
    10.01. Raises EvaluationError.
    """
    if right == 0:
        raise EvaluationError("a number was divided by zero")
    if isinstance(left, int) and isinstance(right, int):
        return left // right if left % right == 0 else left / right
    dividend = Decimal(double_text(float(left)))
    quotient = dividend / Decimal(double_text(float(right)))
    if not quotient.is_finite():
        return float(quotient)
    return _rounded(quotient, _fraction_digits(dividend))


def modulo(left: Number, right: Number) -> Number:
    """The remainder; it has the sign of the dividend. Raises EvaluationError."""
    if right == 0:
        raise EvaluationError("there is no remainder of a division by zero")
    if isinstance(left, int) and isinstance(right, int):
        rest = abs(left) % abs(right)
        return -rest if left < 0 else rest
    return float(exact(left) % exact(right))


def compare(left: Number, right: Number) -> float:
    """Below, above or equal to 0 like `left - right`; NaN when one of them is."""
    first, second = exact(left), exact(right)
    if first.is_nan() or second.is_nan():
        return math.nan
    return (first > second) - (first < second)


def half_up(number: Number, places: int) -> float:
    """Rounded to `places` decimals, halves away from zero."""
    digits = exact(number)
    if not digits.is_finite() or _fraction_digits(digits) <= places:
        return float(digits)
    return _rounded(digits, places)


def _rounded(number: Decimal, places: int) -> float:
    return float(number.quantize(Decimal(1).scaleb(-places), context=_ROUNDING))


def _fraction_digits(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0
