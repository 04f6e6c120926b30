"""Wall clocks that tests may set: one for a node or for a database server, while all other clocks stay right.

A library loaded first (libfaketime) answers for the system. Limit: with a shifted clock Python's own `time.sleep`
fails there ("Invalid argument", a fault of libfaketime 0.9.10); waiting for events, locks and loops is not touched.
"""

from collections.abc import Callable
from pathlib import Path

from servers.fetch import FAKETIME, find
from servers.server import PrivateServer


class WallClock:
    """What the wall clock of processes with `environment` shows; it goes at its usual speed.

    The file that tells them is kept in `folder`, which they must be able to read. Raises ServerMissing.
    """

    def __init__(self, folder: Path) -> None:
        self.seconds = 0.0
        """How far it is ahead of the true time; negative: behind."""
        self._library = find(FAKETIME).folder / FAKETIME.binary
        self._file = folder / "wall-clock"
        self.shift(0)

    @classmethod
    def of(cls, server: PrivateServer) -> "WallClock":
        """Return the clock that `server` will have from its next start on."""
        clock = cls(server.folder)
        server.environment |= clock.environment
        return clock

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables of the processes that live by this clock."""
        return {
            "LD_PRELOAD": str(self._library),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",  # files keep the times that they have
        }

    def shift(self, seconds: float) -> None:
        """Step to `seconds` ahead of the true time; running processes see it at once."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(f"{seconds:+.3f}")
        fresh.chmod(0o644)
        fresh.replace(self._file)
        self.seconds = seconds


MakeClock = Callable[[Path | PrivateServer], WallClock]
"""Makes the clock of a server, or one with its file in a folder."""
