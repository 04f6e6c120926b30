"""A thread that carries log lines to one place, so that nobody who speaks waits for a disk or a terminal."""

import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

from micro_integrator.kit import wall_ms
from micro_integrator.observability.layouts import Layout, Record, console_text
from micro_integrator.observability.levels import ERROR, WARN, Names

QUEUED_LINES = 20_000
"""Lines that may wait; more are counted and dropped: a stuck disk must not eat the memory."""

GATHERING = 0.02
"""Seconds an ordinary line may wait for company: one write for many lines is far cheaper than many writes."""

_NAMES = Names("LogWriter", "micro_integrator.observability.writer.LogWriter", "observability.writer")


class Target(Protocol):
    """Where lines end."""

    name: str

    def write(self, lines: bytes) -> None:
        """Write whole lines. Raises OSError."""
        ...

    def close(self) -> None:
        """Give back what is open."""
        ...


class Writer:
    """Lines of one target, in order, written in the background; the thread starts with the first line."""

    def __init__(self, target: Target, layout: Layout, at_least: int = 0) -> None:
        self._target, self._layout, self._at_least = target, layout, at_least
        self._queue: deque[bytes | Callable[[], object]] = deque()
        self._awake, self._urgent = threading.Event(), threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._is_closing = False
        self._lost = 0  # lines dropped or not written since the last notice
        self._is_failing = False

    def put(self, record: Record) -> None:
        """Queue a line, at once and without waiting; an ERROR is written without waiting for company."""
        if record.level < self._at_least:
            return
        if len(self._queue) >= QUEUED_LINES:
            self._lost += 1
            return
        self._queue.append(_encoded(self._layout(record)))
        self._wake(urgent=record.level >= ERROR)

    def when_written(self, told: Callable[[], object]) -> None:
        """Call `told` from the thread, or at once, when everything queued so far has been tried; it must not raise."""
        if self._thread is None:
            told()
            return
        self._queue.append(told)
        self._wake(urgent=True)

    def close(self) -> None:
        """Let the thread write what is queued and end; does not wait for it."""
        self._is_closing = True
        if self._thread is not None:
            self._wake(urgent=True)

    def _wake(self, *, urgent: bool) -> None:
        if self._thread is None:
            self._begin()
        if urgent:
            self._urgent.set()
        if not self._awake.is_set():
            self._awake.set()

    def _begin(self) -> None:
        with self._starting:
            if self._thread is None:
                # a daemon: a terminal that nobody reads must not keep the process from ending
                self._thread = threading.Thread(
                    target=self._carry, name=f"log {self._target.name}", daemon=True
                )
                self._thread.start()

    def _carry(self) -> None:
        while not (self._is_closing and not self._queue):
            self._awake.wait()
            self._urgent.wait(GATHERING)
            self._awake.clear()
            self._urgent.clear()
            self._write_queued()
        self._target.close()

    def _write_queued(self) -> None:
        lines: list[bytes] = []
        waiting: list[Callable[[], object]] = []
        while self._queue:
            item = self._queue.popleft()
            if isinstance(item, bytes):
                lines.append(item)
            else:
                waiting.append(item)
        if lines:
            self._write(lines)
        for told in waiting:
            told()

    def _write(self, lines: list[bytes]) -> None:
        lost = self._lost
        notice = _notice(f"{lost} log lines are missing before this one")
        head = _encoded(self._layout(notice)) if lost else b""
        try:
            self._target.write(head + b"".join(lines))
        except OSError as error:
            self._lost += len(lines)
            self._report(error)
        else:
            self._lost -= lost
            self._is_failing = False

    def _report(self, error: OSError) -> None:
        """Say once per failure, on stderr, that lines get lost: the only place left."""
        if self._is_failing:
            return
        self._is_failing = True
        reason = error.strerror or str(error)
        text = f"{self._target.name} cannot be written ({reason}); lines are lost until that has been mended"
        complain(_encoded(console_text(_notice(text))))


def _notice(text: str) -> Record:
    return Record(wall_ms(), WARN, _NAMES, text, {})


def complain(line: bytes) -> None:
    """Write a line to stderr, or nowhere when that is gone too."""
    try:
        sys.stderr.write(line.decode("utf-8", "replace"))
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):
        return


def _encoded(line: str) -> bytes:
    return line.encode("utf-8", "backslashreplace") + b"\n"
