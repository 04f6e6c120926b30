"""The command line as typed → what is wanted.

    micro-integrator.sh [COMMAND] [WORD ...] [OPTION ...]

Options may stand anywhere. The spellings of earlier products (`-start`, `--stop`, `version`) are understood.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from micro_integrator.kit import MicroIntegratorError, did_you_mean

COMMANDS: Final = (
    "run", "start", "stop", "restart", "status", "check", "task", "cluster", "ciphertool", "version", "help",
)  # fmt: skip

_SWITCHES: Final = ("--force", "--json", "--strict")
_VALUED: Final = ("--wait", "--timeout", "--debug", "--env-file", "--car")
_FITS: Final = {
    "--force": ("stop", "restart"),
    "--json": ("task", "cluster", "status"),
    "--strict": ("check",),
    "--wait": ("start", "restart"),
    "--timeout": ("stop", "restart"),
    "--debug": ("run",),
    "--car": ("run",),
}
"""The commands an option belongs to; an option that is not named here belongs to all."""


class UsageError(MicroIntegratorError):
    """The command line cannot be understood; the text says which word and what was expected."""


@dataclass
class Arguments:
    """What is wanted."""

    command: str = "run"
    words: list[str] = field(default_factory=list)
    """What follows the command: `pause orders` of `task pause orders`."""
    properties: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    """Name with its dashes → value; a switch has the value `true`."""

    def seconds(self, option: str, default: float) -> float:
        """Return the value of an option that is a time. Raises UsageError."""
        text = self.options.get(option)
        if text is None:
            return default
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value < float("inf"):
            raise UsageError(f"{option} {text}: expected a number of seconds")
        return value

    def port(self, option: str) -> int | None:
        """Return the value of an option that is a port; None if it is not given. Raises UsageError."""
        text = self.options.get(option)
        if text is None:
            return None
        if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
            raise UsageError(f"{option} {text}: expected a port")
        return int(text)


def read_arguments(typed: Sequence[str]) -> Arguments:
    """Return what the words after the program's name ask for. Raises UsageError."""
    wanted, left = Arguments(), iter(typed)
    has_command = False
    for word in left:
        if word in ("--help", "-h"):
            return Arguments("help")
        if not has_command and (command := _command(word)) is not None:
            wanted.command, has_command = command, True
            if command == "ciphertool":  # has options of its own, -Dconfigure among them
                wanted.words = list(left)
        elif word.startswith("-D"):
            _read_property(word, left, wanted.properties)
        elif word.startswith("-"):
            _read_option(word, left, wanted.options)
        elif not has_command:
            raise UsageError(f"'{word}' is not a command{did_you_mean(word, COMMANDS)}")
        else:
            wanted.words.append(word)
    _check_fit(wanted)
    return wanted


def _command(word: str) -> str | None:
    """Return the command a word names: `start`, `-start` and `--start` are one."""
    name = word.lstrip("-")
    return name if name in COMMANDS and len(word) - len(name) <= 2 else None


def _read_property(word: str, left: Iterator[str], properties: dict[str, str]) -> None:
    definition = word.removeprefix("-D") or next(left, "")
    name, has_value, value = definition.partition("=")
    if not name:
        raise UsageError(f"'{word}' lacks a name: expected -Dname=value")
    properties[name] = value if has_value else "true"


def _read_option(word: str, left: Iterator[str], options: dict[str, str]) -> None:
    name, has_value, value = word.partition("=")
    if name in _SWITCHES and not has_value:
        options[name] = "true"
    elif name in _VALUED:
        value = value if has_value else next(left, "")
        if not value:
            raise UsageError(f"{name} lacks its value")
        options[name] = value
    else:
        raise UsageError(f"'{word}' is not an option{did_you_mean(name, _SWITCHES + _VALUED)}")


def _check_fit(wanted: Arguments) -> None:
    for option in wanted.options:
        commands = _FITS.get(option, COMMANDS)
        if wanted.command not in commands:
            raise UsageError(f"{option} belongs to {' and '.join(commands)}, not to {wanted.command}")
    if wanted.words and wanted.command not in ("task", "cluster", "ciphertool"):
        raise UsageError(f"'{wanted.words[0]}' does not belong behind {wanted.command}")
