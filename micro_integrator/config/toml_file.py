"""Read a TOML file and remember where every key stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import tomli

from micro_integrator.config.errors import ConfigurationError, Place
from micro_integrator.config.key_positions import KeyPath, Position, key_positions

BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class TomlFile:
    """Content of a file as nested tables, its text and the position of every key; messages say `name`."""

    name: str
    text: str
    tables: Mapping[str, object]
    positions: Mapping[KeyPath, Position]
    has_bom: bool = False

    def place(self, path: KeyPath) -> Place:
        """Return where `path` is written; a value without a place of its own stands at that of its table."""
        for length in range(len(path), 0, -1):
            if (position := self.positions.get(path[:length])) is not None:
                return Place(self.name, position.line)
        return Place(self.name)


def read_toml(path: Path, name: str) -> TomlFile:
    """Read `path`, called `name` in messages. Raises ConfigurationError with line and column."""
    content = _content(path, name)
    text = _decoded(content.removeprefix(BOM), name)
    try:
        return TomlFile(name, text, tomli.loads(text), key_positions(text), content.startswith(BOM))
    except tomli.TOMLDecodeError as error:
        reason = error.msg[:1].lower() + error.msg[1:]
        raise ConfigurationError(name, error.lineno, reason, column=error.colno) from error
    except ValueError as error:
        raise ConfigurationError(name, 0, "a number has thousands of digits") from error
    except RecursionError as error:
        raise ConfigurationError(name, 0, "values are nested too deeply") from error


def _content(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        remedy = "copy the one of the distribution, or name another with MI_CONF"
        raise ConfigurationError(name, 0, f"the file does not exist: {remedy}") from error
    except OSError as error:
        raise ConfigurationError(name, 0, f"the file cannot be read: {error.strerror}") from error


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start]
        line = before.count(b"\n") + 1
        column = len(before) - before.rfind(b"\n")
        raise ConfigurationError(name, line, "the file is not UTF-8", column=column) from error
