"""Which loggers speak, and from which level on: rules by name, as in log4j.

A rule names a short logger name, a Java class or package, or a place in this program (`cluster`,
`synapse.mediators.log`); the most specific rule wins, the root level is for everybody else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from micro_integrator.kit import MicroIntegratorError, did_you_mean
from micro_integrator.observability.loggers import PACKAGE, PLACES_OF_JAVA_NAMES

TRACE, DEBUG, INFO, WARN, ERROR, FATAL, OFF = 5, 10, 20, 30, 40, 50, 100

LEVELS: Mapping[str, int] = {
    "TRACE": TRACE,
    "DEBUG": DEBUG,
    "INFO": INFO,
    "WARN": WARN,
    "ERROR": ERROR,
    "FATAL": FATAL,
    "OFF": OFF,
}
_SYNONYMS = {"WARNING": "WARN", "CRITICAL": "FATAL"}
_NAMES = {number: name for name, number in LEVELS.items()}


class LevelError(MicroIntegratorError):
    """A text is not the name of a log level; the message lists those that are."""


def level_number(name: str) -> int:
    """Return the number of a level named in any case. Raises LevelError."""
    wanted = name.strip().upper()
    number = LEVELS.get(_SYNONYMS.get(wanted, wanted))
    if number is None:
        raise LevelError(
            f"'{name}' is not a log level{did_you_mean(wanted, LEVELS)}; there are {', '.join(LEVELS)}"
        )
    return number


def level_name(number: int) -> str:
    """Return the name of a level number, as it is printed."""
    return _NAMES[number]


class Names(NamedTuple):
    """What one logger is called: on the console, in files, and by its place below `micro_integrator`."""

    short: str
    long: str
    place: str


@dataclass
class Levels:
    """The rules in force."""

    root: int = INFO
    rules: dict[str, int] = field(default_factory=dict)

    def threshold(self, names: Names) -> int:
        """Return the lowest level that this logger prints."""
        ranked = [(_rank(selector, names), level) for selector, level in self.rules.items()]
        best = max(ranked, default=((0, 0), self.root))
        return best[1] if best[0] > (0, 0) else self.root


def _rank(selector: str, names: Names) -> tuple[int, int]:
    """Return how specific a rule is: an exact name before a long prefix; (0, 0) = not about this logger."""
    if selector in (names.short, names.long, names.place):
        return 2, len(selector)
    place = PLACES_OF_JAVA_NAMES.get(selector, selector.removeprefix(PACKAGE))
    if _is_within(names.long, selector) or _is_within(names.place, place):
        return 1, len(selector)
    return 0, 0


def _is_within(name: str, prefix: str) -> bool:
    return name == prefix or name.startswith(prefix + ".")
