"""What nodes print, with the moment at which it was seen: their own stamps are those of clocks that tests shift."""

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.group import Group

_EVERY = 0.05


@dataclass(frozen=True)
class Headline:
    """One line; `at` is the monotonic moment at which it was seen, a moment after it was printed."""

    at: float
    line: str


class Headlines:
    """Follows all nodes of `group` while its block lasts, and keeps the lines with `text`."""

    def __init__(self, group: Group, text: str) -> None:
        self.seen: list[Headline] = []
        self._group, self._text = group, text
        self._read: dict[Path, int] = {}
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="headlines")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def _follow(self) -> None:
        while not self._is_over.wait(_EVERY):
            for home in self._group.homes:
                for node in home.lives[-2:]:  # a life that has just ended may have had a last word
                    self._look(node.console)

    def _look(self, console: Path) -> None:
        with console.open("rb") as file:
            file.seek(self._read.get(console, 0))
            whole, newline, _ = file.read().rpartition(b"\n")
        now = time.monotonic()
        self._read[console] = self._read.get(console, 0) + len(whole) + len(newline)
        lines = whole.decode(errors="replace").splitlines()
        self.seen += [Headline(now, line) for line in lines if self._text in line]
