"""The functions of `${…}` that need nothing but their arguments.

A null argument is an error in all of them. Arguments are declared by one letter each:
s a string, n a number, i a whole number, b a boolean, a anything.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from micro_integrator.kit import wall_ms
from micro_integrator.synapse.expressions import encodings, java_date_parsing, java_dates
from micro_integrator.synapse.expressions.errors import EvaluationError
from micro_integrator.synapse.expressions.inline_nodes import plain, shown
from micro_integrator.synapse.expressions.inline_numbers import Number, as_number, half_up
from micro_integrator.synapse.expressions.java_regex import java_regex
from micro_integrator.synapse.expressions.values import parse_json, text_of

_INTEGER = re.compile(r"[+-]?\d{1,18}")


@dataclass(frozen=True, slots=True)
class Function:
    """One function: the kinds of its arguments, how many of them are required, what it does."""

    work: Callable[..., object]
    kinds: str
    required: int
    is_pure: bool = True

    def __call__(self, name: str, arguments: Sequence[object]) -> object:
        """Check the arguments and call. Raises EvaluationError."""
        checked = [_checked(name, kind, value) for kind, value in zip(self.kinds, arguments, strict=False)]
        try:
            return self.work(*checked)
        except (ArithmeticError, ValueError, RecursionError, re.error) as error:
            raise EvaluationError(f"{name}() has no result: {error}") from error


def _checked(name: str, kind: str, value: object) -> object:
    value = plain(value)
    if value is None:
        raise EvaluationError(f"{name}() was given a null")
    match kind:
        case "s" if isinstance(value, str):
            return str(value)
        case "n" if (number := as_number(value)) is not None:
            return number
        case "i" if isinstance(number := as_number(value), int):
            return number
        case "b" if isinstance(value, bool):
            return value
        case "a":
            return value
        case _:
            pass
    raise EvaluationError(f"{name}() cannot work with {shown(value)}")


def _length(value: object) -> int:
    if isinstance(value, str | list):
        return len(value)
    raise EvaluationError("length() needs a string or an array")


def _sub_string(text: str, start: int, end: int | None = None) -> str:
    stop = len(text) if end is None else end
    if not 0 <= start <= stop <= len(text):
        raise EvaluationError(f"subString() from {start} to {stop} does not fit {len(text)} characters")
    return text[start:stop]


def _char_at(text: str, position: int) -> str:
    if not 0 <= position < len(text):
        raise EvaluationError(f"charAt() finds no character {position} in {len(text)}")
    return text[position]


def _index_of(text: str, wanted: str, start: int = 0) -> int:
    return text.find(wanted, max(start, 0))


def _split(text: str, pattern: str) -> list[str]:
    parts, done = [], 0
    for separator in java_regex(pattern).finditer(text):
        if separator.end() > 0:  # an empty match at the very start separates nothing
            parts.append(text[done : separator.start()])
            done = separator.end()
    if not parts:
        return [text]
    parts.append(text[done:])
    while parts and not parts[-1]:
        parts.pop()
    return parts


def _whole(number: Number, rounded: Callable[[Number], int]) -> Number:
    if isinstance(number, int):
        return number
    return float(rounded(number)) if math.isfinite(number) else number


def _round(number: Number, places: int | None = None) -> Number:
    if isinstance(number, int):
        return number
    if places is None:
        return _nearest(float(number))
    if places <= 0:
        raise EvaluationError("round() needs at least one decimal place")
    return half_up(number, places)


def _nearest(number: float) -> int:
    """The whole number next to `number`; halves go upwards, also below zero."""
    if not math.isfinite(number):
        raise EvaluationError(f"round() finds no whole number next to {shown(number)}")
    below = math.floor(number)
    return below + (number - below >= 0.5)  # `number + 0.5` would itself be rounded


def _sqrt(number: Number) -> float:
    return math.sqrt(number) if number >= 0 else math.nan


def _power(base: Number, exponent: Number) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return math.inf
    except ValueError:  # a root of a negative number, or 0 to a negative power
        return math.inf if base == 0 else math.nan


def _log(number: Number, base: Number = 10) -> float:
    if base == 10:
        return _safe_log(number, math.log10)
    below = _safe_log(base, math.log)
    return _safe_log(number, math.log) / below if below else math.nan


def _safe_log(number: Number, log: Callable[[Number], float]) -> float:
    if number > 0:
        return log(number)
    return -math.inf if number == 0 else math.nan


def _is_json(value: object, kind: type) -> bool:
    if isinstance(value, str):
        try:
            value = parse_json(value)
        except EvaluationError:
            return False
    return isinstance(value, kind)


def _converted(value: object, kind: type, shown_kind: str) -> object:
    parsed = parse_json(value) if isinstance(value, str) else value
    if not isinstance(parsed, kind):
        raise EvaluationError(f"this is no JSON {shown_kind}")
    return parsed


def _integer(value: object) -> int:
    number = as_number(value)
    if isinstance(number, int):
        return number
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        return int(value)
    raise EvaluationError(f"integer() cannot read {shown(value)}")


def _float(value: object) -> float:
    try:
        if isinstance(value, str) or as_number(value) is not None:
            return float(value)  # type: ignore[arg-type]  # a string or a number
    except (ValueError, OverflowError) as error:
        raise EvaluationError(f"float() cannot read {shown(value)}") from error
    raise EvaluationError(f"float() cannot read {shown(value)}")


def _format_date_time(moment: object, first: str, second: str | None = None) -> str:
    if second is None:
        milliseconds = as_number(moment)
        if milliseconds is None:
            raise EvaluationError("formatDateTime() with one pattern needs milliseconds")
        return java_dates.format_moment(java_dates.at(milliseconds), first)
    if not isinstance(moment, str):
        raise EvaluationError("formatDateTime() with two patterns needs a text")
    return java_dates.format_moment(java_date_parsing.parse_moment(moment, first), second)


FUNCTIONS: dict[str, Function] = {
    "length": Function(_length, "a", 1),
    "toUpper": Function(str.upper, "s", 1),
    "toLower": Function(str.lower, "s", 1),
    "trim": Function(str.strip, "s", 1),
    "subString": Function(_sub_string, "sii", 2),
    "startsWith": Function(str.startswith, "ss", 2),
    "endsWith": Function(str.endswith, "ss", 2),
    "contains": Function(lambda text, wanted: wanted in text, "ss", 2),
    "replace": Function(str.replace, "sss", 3),
    "split": Function(_split, "ss", 2),
    "charAt": Function(_char_at, "si", 2),
    "indexOf": Function(_index_of, "ssi", 2),
    "abs": Function(abs, "n", 1),
    "ceil": Function(lambda number: _whole(number, math.ceil), "n", 1),
    "floor": Function(lambda number: _whole(number, math.floor), "n", 1),
    "round": Function(_round, "ni", 1),
    "sqrt": Function(_sqrt, "n", 1),
    "pow": Function(_power, "nn", 2),
    "log": Function(_log, "nn", 1),
    "base64encode": Function(encodings.base64_encode, "ss", 1),
    "base64decode": Function(encodings.base64_decode, "s", 1),
    "urlEncode": Function(encodings.url_encode, "ss", 1),
    "urlDecode": Function(encodings.url_decode, "s", 1),
    "isString": Function(lambda value: isinstance(value, str), "a", 1),
    "isNumber": Function(lambda value: as_number(value) is not None, "a", 1),
    "isArray": Function(lambda value: _is_json(value, list), "a", 1),
    "isObject": Function(lambda value: _is_json(value, dict), "a", 1),
    "string": Function(text_of, "a", 1),
    "integer": Function(_integer, "a", 1),
    "float": Function(_float, "a", 1),
    "boolean": Function(lambda value: text_of(value).lower() == "true", "a", 1),
    "object": Function(lambda value: _converted(value, dict, "object"), "a", 1),
    "array": Function(lambda value: _converted(value, list, "array"), "a", 1),
    "not": Function(lambda value: not value, "b", 1),
    "now": Function(wall_ms, "", 0, is_pure=False),
    "formatDateTime": Function(_format_date_time, "ass", 2),
}
