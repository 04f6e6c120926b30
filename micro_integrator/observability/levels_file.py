"""conf/log4j2.properties, as far as it says something about levels; appenders are not read.

rootLogger.level = INFO
loggers = cluster, wire
logger.cluster.name = org.wso2.micro.integrator.coordination
logger.cluster.level = DEBUG
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from micro_integrator.observability.levels import INFO, WARN, LevelError, level_number

_LINE = re.compile(r"\s*([^#!\s=:][^\s=:]*)\s*[=:]\s*(.*?)\s*")
_LOGGER = re.compile(r"logger\.([^.]+)\.(name|level)")


@dataclass
class LevelsFile:
    """What the file asks for; `notes` are lines to log about it, each with its level."""

    root: int | None = None
    rules: dict[str, int] = field(default_factory=dict)
    notes: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class _Entry:
    """One `logger.<key>`: its two lines may come in any order."""

    name: str = ""
    level: int | None = None


def read_levels(path: Path) -> LevelsFile:
    """Return the levels set in `path`; a missing file sets none, an unusable line costs a WARN note."""
    told = LevelsFile()
    entries: dict[str, _Entry] = {}
    listed: set[str] | None = None
    has_appenders = False
    for number, key, text in _settings(path, told):
        where = f"{path}:{number}"
        if key == "rootLogger.level":
            told.root = _level(text, where, told)
        elif key == "loggers":
            listed = {name.strip() for name in text.split(",")}
        elif match := _LOGGER.fullmatch(key):
            entry = entries.setdefault(match[1], _Entry())
            if match[2] == "name":
                entry.name = text
            else:
                entry.level = _level(text, where, told)
        has_appenders = has_appenders or key.startswith("appender")
    for short_key, entry in entries.items():
        if entry.name and entry.level is not None and (listed is None or short_key in listed):
            told.rules[entry.name] = entry.level
    if has_appenders:
        told.notes.append((INFO, f"{path}: appenders are not read; files and format are set in [logging]"))
    return told


def _settings(path: Path, told: LevelsFile) -> Iterator[tuple[int, str, str]]:
    try:
        lines = path.read_text("utf-8-sig", "replace").splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        told.notes.append((WARN, f"{path} cannot be read ({error.strerror}); [logging] decides"))
        return
    for number, line in enumerate(lines, 1):
        if match := _LINE.fullmatch(line):
            yield number, match[1], match[2]


def _level(text: str, where: str, told: LevelsFile) -> int | None:
    try:
        return level_number(text)
    except LevelError as error:
        told.notes.append((WARN, f"{where}: {error}; the line is ignored"))
        return None
