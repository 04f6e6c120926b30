"""JSON text ⇄ values, digit by digit: integers stay int, every other number is a Decimal, nothing becomes a float."""

import json
import math
import sys
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, Union

from micro_integrator.synapse.errors import FormatError

MAX_DEPTH = 256
MAX_DIGITS = sys.get_int_max_str_digits()
"""Digits of a whole number; reading one takes time that grows with their square."""

JsonValue = Union[None, bool, int, float, Decimal, str, list["JsonValue"], dict[str, "JsonValue"]]  # noqa: UP007


def read_json(text: str) -> JsonValue:
    """Return the value of `text`; of equal keys the last one wins. Raises FormatError with line and column."""
    try:
        value: JsonValue = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise FormatError(f"Invalid JSON payload: {error.msg} at {place}") from error
    except RecursionError as error:
        raise FormatError(f"Invalid JSON payload: nested deeper than {MAX_DEPTH} levels") from error
    except (ValueError, ArithmeticError) as error:
        raise FormatError(f"Invalid JSON payload: a number has more than {MAX_DIGITS} digits") from error
    # only a text with that many brackets can be too deep, so ordinary ones are not walked
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise FormatError(f"Invalid JSON payload: nested deeper than {MAX_DEPTH} levels")
    return value


def write_json(value: object) -> str:
    """Return `value` as compact JSON text. Raises FormatError for what JSON cannot hold."""
    if isinstance(value, str):
        return encode_basestring(value)
    if not isinstance(value, (dict, list, tuple)):  # a union would be made anew each time
        return _scalar(value)
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts)


def _write(value: object, parts: list[str]) -> None:
    if isinstance(value, str):
        parts.append(encode_basestring(value))
    elif isinstance(value, dict):
        opening = "{"
        for name, member in value.items():
            parts.append(f"{opening}{encode_basestring(str(name))}:")
            _write(member, parts)
            opening = ","
        parts.append("}" if value else "{}")
    elif isinstance(value, list | tuple):
        opening = "["
        for member in value:
            parts.append(opening)
            _write(member, parts)
            opening = ","
        parts.append("]" if value else "[]")
    else:
        parts.append(_scalar(value))


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    if isinstance(value, Decimal) and value.is_finite():
        return str(value)
    raise FormatError(f"A value of type {type(value).__name__} ({value!s:.60}) has no JSON form")


def _constant(name: str) -> Any:
    raise FormatError(f"Invalid JSON payload: {name} is not a JSON value")


def _depth(value: JsonValue) -> int:
    level, deepest = [value], 0
    while level := [
        member
        for holder in level
        if isinstance(holder, dict | list)
        for member in (holder.values() if isinstance(holder, dict) else holder)
    ]:
        deepest += 1
    return deepest


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_constant)
