"""Where each key of a TOML text stands, which the parser does not tell.

Works on text the parser has already accepted, so nothing is checked here: the scanner walks from key to key
and steps over the values.
"""

import re
from dataclasses import dataclass
from typing import TypeAlias

import tomli

KeyPath: TypeAlias = tuple[str | int, ...]
"""The way to a value: names of tables and keys, numbers for elements of arrays."""

_BLANK = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_EQUALS = re.compile(r"[ \t]*=[ \t]*")
_KEY = re.compile(r"""("(?:\\.|[^"\\])*")|('[^']*')|([^\s.=\]"']+)""")
_SCALAR = re.compile(
    r'''"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\])*"|'[^']*'|[^,\]}#\n]+''', re.DOTALL
)


@dataclass(frozen=True)
class Position:
    """Line of a key, counted from 1, and the slice of the text that its value fills (empty for a table)."""

    line: int
    start: int = 0
    end: int = 0


def key_positions(text: str) -> dict[KeyPath, Position]:
    """Return the position of every table, key and array element of the valid TOML `text`."""
    scanner = _Scanner(text)
    scanner.run()
    return scanner.found


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found: dict[KeyPath, Position] = {}
        self._elements: dict[KeyPath, int] = {}
        self._line, self._counted = 1, 0

    def run(self) -> None:
        table: KeyPath = ()
        self._step(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._step(_BLANK)

    def _header(self) -> KeyPath:
        line, is_element = self._line_here(), self.text.startswith("[[", self.at)
        self.at += 2 if is_element else 1
        path = self._key((), is_element=is_element)
        self.at = self.text.index("]", self.at) + (2 if is_element else 1)
        self.found.setdefault(path, Position(line))
        return path

    def _key(self, path: KeyPath, *, is_element: bool = False) -> KeyPath:
        """Read a dotted key below `path`; a name that is an array of tables means its newest element."""
        line, names = self._line_here(), self._names()
        for name in names[:-1]:
            path = self._newest((*path, name))
            self.found.setdefault(path, Position(line))
        path = (*path, names[-1])
        if is_element:
            self._elements[path] = self._elements.get(path, -1) + 1
        return self._newest(path)

    def _newest(self, path: KeyPath) -> KeyPath:
        return (*path, self._elements[path]) if path in self._elements else path

    def _names(self) -> list[str]:
        self._step(_BLANK)
        names = [self._name()]
        while self._step(_DOT):
            names.append(self._name())
        return names

    def _name(self) -> str:
        text = self._step(_KEY)
        if text.startswith('"'):
            return str(tomli.loads(f"name = {text}")["name"])
        return text[1:-1] if text.startswith("'") else text

    def _pair(self, table: KeyPath) -> None:
        line = self._line_here()
        path = self._key(table)
        self._step(_EQUALS)
        self._value(path, line)

    def _value(self, path: KeyPath, line: int) -> None:
        start = self.at
        if self.text[start] == "[":
            self._array(path)
        elif self.text[start] == "{":
            self._inline_table(path)
        else:
            self._step(_SCALAR)
        self.found[path] = Position(line, start, self.at)

    def _array(self, path: KeyPath) -> None:
        self.at += 1
        number = 0
        while self._is_inside("]"):
            self._value((*path, number), self._line_here())
            number += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        while self._is_inside("}"):
            self._pair(path)

    def _is_inside(self, closing: str) -> bool:
        """Step to the next element; False when `closing` came instead, which is then passed."""
        self._step(_BLANK)
        if self.text[self.at] != closing:
            return True
        self.at += 1
        return False

    def _step(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None:
            return ""
        self.at = match.end()
        return match.group()

    def _line_here(self) -> int:
        self._line += self.text.count("\n", self._counted, self.at)
        self._counted = self.at
        return self._line
