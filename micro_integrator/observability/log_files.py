"""Places where log lines end: the console, and files that are rolled daily and by size."""

import io
import os
import re
import select
import sys
import time
from pathlib import Path

from micro_integrator.kit import wall_ms

FILE_LIMIT = 10 * 1024 * 1024
"""Bytes after which a log file is rolled."""

KEPT_FILES = 20
"""Rolled files of one name that are kept."""

WAIT = 1.0
"""Seconds until a busy terminal is tried again."""


class Console:
    """The standard output, whatever it is at the moment of writing."""

    name = "the console"

    def write(self, lines: bytes) -> None:
        """Write the lines. Raises OSError."""
        stream = sys.stdout
        try:
            stream.flush()
            descriptor = stream.fileno()
        except io.UnsupportedOperation:  # a stream in memory
            stream.write(lines.decode("utf-8", "replace"))
        except (AttributeError, ValueError) as error:
            raise OSError(f"it is closed: {error}") from error
        else:
            _write_all(descriptor, lines)

    def close(self) -> None:
        """Leave it open: it belongs to the process."""


class RollingFile:
    """A log file `x.log`; rolled away as `x-MM-dd-yyyy.<n>.log` when its day is over or it is full."""

    def __init__(self, path: Path, *, limit: int = FILE_LIMIT, kept: int = KEPT_FILES) -> None:
        self.name = path.name
        self._path, self._limit, self._kept = path, limit, kept
        self._descriptor = -1
        self._size = 0
        self._day = ""
        self._is_torn = False  # the last write stopped within a line

    def write(self, lines: bytes) -> None:
        """Append whole lines, rolling first when it is time. Raises OSError; the next call tries again."""
        if self._descriptor < 0:
            self._open()
        if self._size and (self._size + len(lines) > self._limit or self._day != _day(wall_ms() / 1000)):
            self._roll()
        if self._is_torn:
            lines = b"\n" + lines
        before = os.lseek(self._descriptor, 0, os.SEEK_END)
        try:
            _write_all(self._descriptor, lines)
        finally:
            self._size = os.lseek(self._descriptor, 0, os.SEEK_END)
            written = self._size - before
            if written:
                self._is_torn = not lines[:written].endswith(b"\n")

    def close(self) -> None:
        """Close the file; a further write opens it again."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        self._descriptor = os.open(self._path, flags, 0o640)
        found = os.fstat(self._descriptor)
        self._size = found.st_size
        self._day = _day(found.st_mtime if found.st_size else wall_ms() / 1000)

    def _roll(self) -> None:
        """Move the file aside and begin a new one; where that is impossible the old one just grows."""
        prefix = f"{self._path.stem}-{self._day}"
        try:
            number = 1 + max(
                (number for name, number in self._rolled() if name.startswith(prefix)), default=0
            )
            self._path.rename(self._path.with_name(f"{prefix}.{number}{self._path.suffix}"))
            self._remove_surplus()
        except OSError:
            if self._path.exists():
                return
        self.close()
        self._open()

    def _remove_surplus(self) -> None:
        aside = sorted(self._rolled(), key=lambda file: (*_year_first(file[0]), file[1]))
        for name, _ in aside[: -self._kept]:
            self._path.with_name(name).unlink(missing_ok=True)

    def _rolled(self) -> list[tuple[str, int]]:
        """Return name and number of every file that was rolled away."""
        pattern = re.compile(
            rf"{re.escape(self._path.stem)}-\d\d-\d\d-\d{{4}}\.(\d+){re.escape(self._path.suffix)}"
        )
        found = (pattern.fullmatch(file.name) for file in self._path.parent.iterdir())
        return [(match[0], int(match[1])) for match in found if match]


def _day(wall_seconds: float) -> str:
    return time.strftime("%m-%d-%Y", time.localtime(wall_seconds))


def _year_first(name: str) -> tuple[str, str]:
    month_and_day, year = re.findall(r"-(\d\d-\d\d)-(\d{4})\.", name)[-1]
    return year, month_and_day


def _write_all(descriptor: int, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:  # a terminal that another program has made non-blocking; this thread may wait
            select.select((), (descriptor,), (), WAIT)
