"""The pid file: one running node per home, and a place where others look whom to signal."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from micro_integrator.kit import MicroIntegratorError, write_atomically
from micro_integrator.observability import get_logger
from micro_integrator.server.announcement import Announcement, meta_path, read_announcement

log = get_logger("PidFile")


class PidFileError(MicroIntegratorError):
    """The pid file cannot be ours: another node runs in this home, or the place cannot be written."""


class PidFile:
    """`<pid>` in a file that exists as long as its process, and the process's announcement beside it."""

    def __init__(self, path: Path) -> None:
        self._path, self._meta = path, meta_path(path)
        self._said: Announcement | None = None

    def acquire(self, announcement: Announcement) -> None:
        """Make the file ours, replacing one whose process is gone. Raises PidFileError."""
        try:
            with self._alone():
                self._acquire(announcement)
        except OSError as error:
            raise PidFileError(
                f"The pid file [{self._path}] cannot be written: {error.strerror}. "
                "MI_PID_FILE may name another place"
            ) from error

    def announce(self, **changes: object) -> None:
        """Replace parts of the announcement, for instance `state="started"`; a full disk costs that, not the node."""
        if self._said is None:
            return
        self._said = replace(self._said, **changes)  # type: ignore[arg-type]
        try:
            write_atomically(self._meta, self._said.as_json())
        except OSError as error:
            log.warning(
                "[{file}] cannot be written: {reason}; 'start' and 'status' do not see that this node is {state}",
                file=self._meta,
                reason=error.strerror,
                state=self._said.state,
            )

    def release(self) -> None:
        """Remove both files if they are ours; harmless when they are not, or not any more."""
        if self._said is None:
            return
        with suppress(OSError):
            self._path.unlink()
        with suppress(OSError):
            self._meta.unlink()
        self._said = None

    def _acquire(self, announcement: Announcement) -> None:
        if (other := read_announcement(self._path)) is not None:
            raise PidFileError(
                f"Already running: process {other.process.pid} ({self._path}). "
                "Another node needs a home of its own: MI_HOME=DIR"
            )
        self._path.unlink(missing_ok=True)
        # the announcement first: a pid file without one would look abandoned to the next who comes
        write_atomically(self._meta, announcement.as_json())
        descriptor = os.open(self._path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{announcement.process.pid}\n")
        self._said = announcement

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let starts in the same folder look and write one after the other; the folder itself is the lock."""
        folder = os.open(self._path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with suppress(OSError):  # a file system without locks: O_EXCL alone decides
                fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)
