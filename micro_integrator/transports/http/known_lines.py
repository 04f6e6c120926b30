"""Header lines that have been read before: most come again, and looking one up is cheaper than reading it. ◇"""

from collections.abc import Callable
from typing import TypeVar

MAX_KNOWN = 4096
"""Lines that are remembered."""
LONG = 160
"""Characters from which on a line is not remembered."""

_Read = TypeVar("_Read")


class KnownLines(dict[str, _Read]):
    """A line → what `read` has found in it; fills itself, and raises what `read` raises."""

    def __init__(self, read: Callable[[str], _Read]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, line: str) -> _Read:
        found = self._read(line)
        if len(line) < LONG:
            if len(self) >= MAX_KNOWN:  # they come from strangers
                self.clear()
            self[line] = found
        return found
