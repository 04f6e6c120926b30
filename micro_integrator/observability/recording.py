"""Hear what is told, without console and files: for tests of those who speak."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from micro_integrator.observability.journal import journal
from micro_integrator.observability.layouts import Record


class RecordedLines:
    """What was told while recording, oldest first."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def texts(self) -> list[str]:
        """Return the messages only."""
        return [record.message for record in self.records]

    def put(self, record: Record) -> None:
        """Keep a record."""
        self.records.append(record)

    def when_written(self, told: Callable[[], object]) -> None:
        """Call `told`: nothing is ever waiting."""
        told()

    def close(self) -> None:
        """Keep what was recorded."""


@contextmanager
def recorded_lines() -> Iterator[RecordedLines]:
    """Collect every record told inside the block, instead of writing it where it belongs."""
    lines = RecordedLines()
    former, former_apart = journal.outputs, journal.apart
    journal.use_outputs((lines,))
    try:
        yield lines
    finally:
        journal.use_outputs(former, former_apart)
