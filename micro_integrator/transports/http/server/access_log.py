"""The access log: one line for every request, carried to the disk by a thread so that nobody waits for it."""

import threading
import time
from collections import deque
from pathlib import Path

from micro_integrator.config import AccessLogSettings
from micro_integrator.observability import get_logger, masked
from micro_integrator.transports.http.server.access_pattern import Visit, date_format, line_writer

QUEUED = 20_000
"""Lines that may wait for the disk; more are counted and dropped."""
GATHERING = 0.1
"""Seconds a line may wait for company."""
CLOSING_LIMIT = 2.0
"""Seconds a stop waits for the last lines."""

log = get_logger("AccessLog")


class AccessLog:
    """Takes visits and writes them behind the back of those who wait for answers."""

    def __init__(self, settings: AccessLogSettings, home: Path) -> None:
        self._line_of = line_writer(settings.access_log_pattern)
        self._folder = home / settings.access_log_directory
        self._prefix, self._suffix = settings.access_log_prefix, settings.access_log_suffix
        self._date_format = date_format(settings.access_log_file_date_format)
        self._lines: deque[tuple[int, str]] = deque()
        """The second since 1970 to which each belongs, and its text."""
        self._awake = threading.Event()
        self._is_closing = False
        self._lost = 0
        self._is_failing = False
        self._thread = threading.Thread(target=self._carry, name="access log", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def add(self, visit: Visit) -> None:
        """Take a visit, at once and without waiting.

        The line is written out here: a thread that did it would take as long, and keep the loop waiting for its turn.
        """
        if len(self._lines) >= QUEUED:
            self._lost += 1
            return
        self._lines.append((visit.ended_ms // 1000, self._line_of(visit)))
        if not self._awake.is_set():
            self._awake.set()

    def close(self) -> None:
        """Write what is left, and end; blocks for at most CLOSING_LIMIT seconds."""
        self._is_closing = True
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join(CLOSING_LIMIT)

    def _carry(self) -> None:
        while not (self._is_closing and not self._lines):
            self._awake.wait()
            if not self._is_closing:
                time.sleep(GATHERING)
            self._awake.clear()
            try:
                self._write()
                self._is_failing = False
            except (OSError, ValueError) as error:  # ValueError: a name that no file can have
                self._lines.clear()
                self._report(error)

    def _report(self, error: Exception) -> None:
        """Say once per failure that lines get lost: there is a next try with every request."""
        if not self._is_failing:
            self._is_failing = True
            log.error("The access log cannot be written: {error}", error=error)

    def _write(self) -> None:
        by_file: dict[str, list[str]] = {}
        second, lines = -1, []
        while self._lines:
            ended, line = self._lines.popleft()
            if ended != second:
                second, lines = ended, by_file.setdefault(self._file_of(ended), [])
            lines.append(masked(line))
        for name, lines in by_file.items():
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / name).open("a", encoding="latin-1", errors="replace") as file:
                file.write("\n".join([*lines, ""]))
        if self._lost:
            lost, self._lost = self._lost, 0
            log.warning("{lost} lines of the access log are lost: the disk is too slow", lost=lost)

    def _file_of(self, second: int) -> str:
        date = time.strftime(self._date_format, time.localtime(second))
        return f"{self._prefix}{date}{self._suffix}"
