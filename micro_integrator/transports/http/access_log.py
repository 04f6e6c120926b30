"""The access log: one line for every request, carried to the disk by a thread so that nobody waits for it."""

import threading
import time
from collections import deque
from pathlib import Path

from micro_integrator.config import AccessLogSettings
from micro_integrator.observability import get_logger
from micro_integrator.transports.http.access_pattern import Visit, date_format, elements

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
        self._elements = elements(settings.access_log_pattern)
        self._folder = home / settings.access_log_directory
        self._prefix, self._suffix = settings.access_log_prefix, settings.access_log_suffix
        self._date_format = date_format(settings.access_log_file_date_format)
        self._visits: deque[Visit] = deque()
        self._awake = threading.Event()
        self._is_closing = False
        self._lost = 0
        self._thread = threading.Thread(target=self._carry, name="access log", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def add(self, visit: Visit) -> None:
        """Take a visit, at once and without waiting."""
        if len(self._visits) >= QUEUED:
            self._lost += 1
            return
        self._visits.append(visit)
        if not self._awake.is_set():
            self._awake.set()

    def close(self) -> None:
        """Write what is left, and end; blocks for at most CLOSING_LIMIT seconds."""
        self._is_closing = True
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join(CLOSING_LIMIT)

    def _carry(self) -> None:
        while not (self._is_closing and not self._visits):
            self._awake.wait()
            if not self._is_closing:
                time.sleep(GATHERING)
            self._awake.clear()
            try:
                self._write()
            except OSError as error:
                self._visits.clear()
                log.error("The access log cannot be written: {error}", error=error)

    def _write(self) -> None:
        by_file: dict[str, list[str]] = {}
        while self._visits:
            visit = self._visits.popleft()
            date = time.strftime(self._date_format, time.localtime(visit.ended_ms / 1000))
            line = "".join(part if isinstance(part, str) else part(visit) for part in self._elements)
            by_file.setdefault(f"{self._prefix}{date}{self._suffix}", []).append(line)
        for name, lines in by_file.items():
            self._folder.mkdir(parents=True, exist_ok=True)
            with (self._folder / name).open("a", encoding="latin-1", errors="replace") as file:
                file.write("\n".join([*lines, ""]))
        if self._lost:
            lost, self._lost = self._lost, 0
            log.warning("{lost} lines of the access log are lost: the disk is too slow", lost=lost)
