"""What endpoints of one address have in common in their grammar, whatever that address is.

    [<timeout> [<duration>MS | {EXPR}</duration>] [<responseAction>never | discard | fault</responseAction>] </timeout>]
    [<markForSuspension> [errorCodes] [retriesBeforeSuspension] [retryDelay] </markForSuspension>]
    [<suspendOnFailure> [errorCodes] [initialDuration] [progressionFactor] [maximumDuration] </suspendOnFailure>]
    [<retryConfig> disabledErrorCodes | enabledErrorCodes </retryConfig>]

Times are milliseconds, or have their unit behind them: `500ms`, `5s`, `2m`. What the elements mean is told by `state`
and `time_limit`.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Self

from micro_integrator.synapse.endpoints.state import Rules
from micro_integrator.synapse.endpoints.time_limit import TimeLimit
from micro_integrator.synapse.formats import soap
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import duration, one_of

FORMATS = ("soap11", "soap12", "pox", "get", "rest", "leave-as-is")
REFUSED = {
    "enableSec": "WS-Security is not supported: a message would go out unprotected",
    "enableAddressing": "WS-Addressing is not supported",
}


@dataclass(frozen=True, slots=True)
class Definition:
    """Limits, rules and form of an endpoint."""

    time_limit: TimeLimit = field(default_factory=TimeLimit)
    rules: Rules = field(default_factory=Rules)
    format: str | None = None
    """The form a message is brought into; None = as it is."""
    charset: str | None = None

    @property
    def is_soap(self) -> bool:
        """Whether an envelope goes out; then the path of the request means nothing to who receives it."""
        return self.format in soap.VERSIONS

    @property
    def reads_body(self) -> bool:
        """Whether a payload must have arrived: to be brought into the form, or to say how long it may take."""
        limit = self.time_limit.expression
        return self.format not in {None, "rest"} or (limit is not None and limit.reads_body)

    @classmethod
    def read(cls, x: XmlReader) -> Self:
        """Read the common attributes and children of <address>, <http> and <default>."""
        for tag, reason in REFUSED.items():
            for part in x.children(tag):
                part.ignore()
                part.report(f"<{tag}>: {reason}")
        if (optimize := x.attribute("optimize")) is not None:
            x.report(f"<{x.tag} optimize='{optimize}'>: attachments are not supported yet")
        x.first("retryConfig", _check_retries)
        chosen = x.attribute("format", one_of(*FORMATS))
        return cls(
            time_limit=x.first("timeout", TimeLimit.read) or TimeLimit(),
            rules=_rules(x),
            format=None if chosen == "leave-as-is" else chosen,
            charset=x.attribute("encoding"),
        )


@dataclass(frozen=True, slots=True)
class _Suspension:
    codes: frozenset[int] = frozenset()
    first: float = -1.0
    factor: float = 1.0
    longest: float = math.inf


@dataclass(frozen=True, slots=True)
class _Marking:
    codes: frozenset[int] = frozenset()
    tries: int = 0
    delay: float = 0.0


def _rules(x: XmlReader) -> Rules:
    marking = x.first("markForSuspension", _marking) or _Marking()
    suspension = x.first("suspendOnFailure", _suspension) or _Suspension()
    seconds = x.first("suspendDurationOnFailure", _seconds)
    return Rules(
        marking=marking.codes,
        tries=marking.tries,
        try_delay=marking.delay,
        suspending=suspension.codes,
        first_duration=suspension.first if seconds is None else seconds,
        factor=suspension.factor,
        longest=suspension.longest,
    )


def _marking(x: XmlReader) -> _Marking:
    return _Marking(
        x.first("errorCodes", _codes) or frozenset(),
        int(_number(x, "retriesBeforeSuspension", 0)),
        _duration(x, "retryDelay", 0),
    )


def _suspension(x: XmlReader) -> _Suspension:
    return _Suspension(
        x.first("errorCodes", _codes) or frozenset(),
        _duration(x, "initialDuration", -1),
        _number(x, "progressionFactor", 1),
        _duration(x, "maximumDuration", math.inf),
    )


def _seconds(x: XmlReader) -> float:
    x.note(
        "<suspendDurationOnFailure> is deprecated: use <suspendOnFailure> with <initialDuration> in milliseconds"
    )
    return _seconds_in(x, -1, "s")


def _check_retries(x: XmlReader) -> None:
    disabled, enabled = x.first("disabledErrorCodes", _codes), x.first("enabledErrorCodes", _codes)
    if disabled is not None and enabled is not None:
        x.report("<retryConfig> takes disabledErrorCodes or enabledErrorCodes, not both")


def _codes(x: XmlReader) -> frozenset[int]:
    words = re.split(r"[,\s]+", x.text().strip())
    try:
        return frozenset(int(word) for word in words if word)
    except ValueError:
        x.report(f"<{x.tag}>{' '.join(words)}: expected numbers, separated by commas")
        return frozenset()


def _number(x: XmlReader, tag: str, default: float) -> float:
    found = x.first(tag, lambda part: _of_text(part, part.text().strip(), default))
    return default if found is None else found


def _duration(x: XmlReader, tag: str, default: float) -> float:
    """Return seconds."""
    found = x.first(tag, lambda part: _seconds_in(part, default))
    return default if found is None else found


def _seconds_in(x: XmlReader, default: float, unit: str = "ms") -> float:
    text = x.text().strip()
    try:
        return duration(text, unit)
    except ValueError as error:
        x.report(f"<{x.tag}>{text}: expected {error}")
        return default


def _of_text(x: XmlReader, text: str, default: float) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        x.report(f"<{x.tag}>{text}: expected a number")
        return default
    return number
