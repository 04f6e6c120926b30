"""What a log line looks like: the reference's text pattern, or one JSON object per line."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from micro_integrator.kit import one_line
from micro_integrator.observability.levels import LEVELS, Names, level_name

Layout = Callable[["Record"], str]
"""Turns a record into one line (more with a traceback), without the line's end."""

_PRINTED_LEVEL = {number: f"{name:>5}" for name, number in LEVELS.items()}


@dataclass(slots=True)
class Record:
    """One thing that was told; `message` is final: formatted and masked."""

    wall_ms: int
    level: int
    names: Names
    message: str
    fields: Mapping[str, object]
    traceback: str = ""


class Stamp:
    """Writes wall-clock milliseconds as text; the second is remembered, most lines share it."""

    def __init__(self, pattern: str, convert: Callable[[float], time.struct_time], separator: str) -> None:
        self._pattern, self._convert, self._separator = pattern, convert, separator
        self._last = (-1, "")

    def __call__(self, wall_ms: int) -> str:
        """Return the time with three decimals."""
        second, ms = divmod(wall_ms, 1000)
        known, text = self._last
        if second != known:
            text = time.strftime(self._pattern, self._convert(second))
            self._last = (second, text)  # one assignment: threads see the old pair or the new one
        return f"{text}{self._separator}{ms:03}"


_local_stamp = Stamp("%Y-%m-%d %H:%M:%S", time.localtime, ",")
_utc_stamp = Stamp("%Y-%m-%dT%H:%M:%S", time.gmtime, ".")


def console_text(record: Record) -> str:
    """Return the console line: short logger name."""
    return _text(record, record.names.short)


def file_text(record: Record) -> str:
    """Return the line for the log files: full logger name."""
    return _text(record, record.names.long)


def _text(record: Record, logger: str) -> str:
    head = f"[{_local_stamp(record.wall_ms)}] {_PRINTED_LEVEL[record.level]} {{{logger}}}"
    line = f"{head} - {one_line(record.message)} "  # the blank is the reference's, before an exception
    if record.traceback:
        # indented, so that no line of an exception's own text can pass for a log line
        line += "".join(f"\n\t{one_line(part)}" for part in record.traceback.rstrip().split("\n"))
    return line


class JsonLayout:
    """One JSON object per line: ts (UTC), level, logger, msg, node_id, the record's fields, exc."""

    def __init__(self, node_id: str, mask: Callable[[str], str]) -> None:
        self._node_id, self._mask = node_id, mask

    def __call__(self, record: Record) -> str:
        """Return the object as text; the names above win over fields called the same."""
        told: dict[str, object] = {
            "ts": _utc_stamp(record.wall_ms) + "Z",
            "level": level_name(record.level),
            "logger": record.names.short,
            "msg": record.message,
            "node_id": self._node_id,
        }
        for name, value in record.fields.items():
            told.setdefault(name, self._plain(value))
        if record.traceback:
            told["exc"] = record.traceback
        return json.dumps(told, ensure_ascii=False)

    def _plain(self, value: object) -> object:
        """Keep what JSON knows, unless its text is to be masked; write everything else as text."""
        if value is None or isinstance(value, bool):
            return value
        text = str(value)
        masked = self._mask(text)
        return value if isinstance(value, int | float) and masked == text else masked
