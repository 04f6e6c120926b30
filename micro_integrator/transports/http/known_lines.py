"""Header lines that were read or written before: most come again, and looking one up is cheaper. ◇"""

from collections.abc import Callable
from typing import TypeVar

MAX_KNOWN = 4096
"""Lines that are remembered."""
LONG = 160
"""Characters from which on a line is not remembered."""

_Line = TypeVar("_Line")
_Read = TypeVar("_Read")


class KnownLines(dict[_Line, _Read]):
    """A line, as text or as name and value → what `read` makes of it; fills itself, and raises what `read` raises."""

    def __init__(self, read: Callable[[_Line], _Read], length: Callable[[_Line], int]) -> None:
        super().__init__()
        self._read, self._length = read, length

    def __missing__(self, line: _Line) -> _Read:
        found = self._read(line)
        if self._length(line) < LONG:
            if len(self) >= MAX_KNOWN:  # they come from strangers
                self.clear()
            self[line] = found
        return found
