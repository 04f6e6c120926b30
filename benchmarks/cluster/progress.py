"""What an interrupted case has shown so far: kept beside the results until the case is complete."""

import json
from pathlib import Path

from benchmarks.cluster.case import Measured
from benchmarks.results import FOLDER


class Progress:
    """The times of one case on one kind of database that are done."""

    def __init__(self, name: str, kind: str) -> None:
        self._file: Path = FOLDER / f"cluster-unfinished-{name}-{kind}.jsonl"

    def done(self) -> list[Measured]:
        """Return what was seen so far, the oldest first."""
        return list(map(json.loads, self._file.read_text().splitlines())) if self._file.exists() else []

    def add(self, measured: Measured) -> None:
        """Keep what one more time has shown."""
        with self._file.open("a") as file:
            file.write(json.dumps(dict(measured)) + "\n")

    def clear(self) -> None:
        """The case is complete, or begins anew."""
        self._file.unlink(missing_ok=True)
