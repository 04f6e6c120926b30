"""Text becomes a value of a named type, as <property type> and <variable type> ask for it."""

import math
import re
import struct
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from micro_integrator.observability import get_logger
from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.formats import read_json, read_xml

log = get_logger("TypedValues")

_WHOLE = re.compile(r"[+-]?[0-9]+")
_SINGLE_DIGITS = 10
"""So many digits tell every number of single precision from the next one."""
_LIMITS = {"SHORT": 2**15, "INTEGER": 2**31, "LONG": 2**63}


def convert(text: str, type_name: str) -> object:
    """Return `text` as a value of `type_name`. Raises ValueError when it is none."""
    return _CONVERSIONS[type_name](text)


def _whole(type_name: str) -> Callable[[str], int]:
    limit = _LIMITS[type_name]

    def read(text: str) -> int:
        digits = text.strip().partition(".")[0] if _is_number(text) else text.strip()
        if not _WHOLE.fullmatch(digits) or not -limit <= int(digits) < limit:
            raise ValueError(f"'{text}' is not of type {type_name}")
        return int(digits)

    return read


def _is_number(text: str) -> bool:
    try:
        return Decimal(text.strip()).is_finite()
    except InvalidOperation:
        return False


def _single(text: str) -> float:
    """Return a number of single precision as the shortest decimal fraction for it: of 888888.888888, 888888.9."""
    number = _double(text)
    single = _rounded(number)
    if not math.isfinite(single):
        return single
    shorter = (float(f"{single:.{digits}g}") for digits in range(1, _SINGLE_DIGITS))
    return next((found for found in shorter if _rounded(found) == single), single)


def _rounded(number: float) -> float:
    """Return the nearest number of single precision."""
    try:
        [single] = struct.unpack("f", struct.pack("f", number))
    except OverflowError:
        return math.copysign(math.inf, number)
    return float(single)


def _double(text: str) -> float:
    if not text.isascii() or "_" in text:  # Python reads more than anybody means
        raise ValueError(f"'{text}' is not a number")
    return float(text)


def _boolean(text: str) -> bool:
    return text.strip().lower() in {"true", "yes", "1"}


def _json(text: str) -> object:
    try:
        return read_json(text)
    except FormatError as error:
        return _nearly_json(text, error)


def _nearly_json(text: str, error: FormatError) -> str | None:
    """Take what would be JSON if it stood in quotes; anything else is told and lost."""
    if text.strip() and text.lstrip()[:1] not in {"{", "["}:
        return text
    log.error("{reason}: {text}", reason=error.message, text=text[:100])
    return None


def _xml(text: str) -> object:
    try:
        return read_xml(text)
    except FormatError as error:
        raise ValueError(str(error)) from error


_CONVERSIONS: dict[str, Callable[[str], object]] = {
    "STRING": str,
    "BOOLEAN": _boolean,
    "INTEGER": _whole("INTEGER"),
    "LONG": _whole("LONG"),
    "SHORT": _whole("SHORT"),
    "FLOAT": _single,
    "DOUBLE": _double,
    "OM": _xml,
    "XML": _xml,
    "JSON": _json,
}
