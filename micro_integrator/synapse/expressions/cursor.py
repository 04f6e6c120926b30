"""A position in the text of an expression, with the few moves a hand-written parser needs."""

import re

from micro_integrator.synapse.expressions.errors import ExpressionError

_BLANKS = re.compile(r"\s*")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "/": "/"}


class Cursor:
    """Reads `text` from left to right; blanks before a token are skipped."""

    def __init__(self, text: str, position: int = 0) -> None:
        self.text, self.position = text, position

    def skip(self) -> None:
        """Move over white space."""
        found = _BLANKS.match(self.text, self.position)
        self.position = found.end() if found else self.position

    def at_end(self) -> bool:
        """Whether only white space is left."""
        self.skip()
        return self.position >= len(self.text)

    def sees(self, literal: str) -> bool:
        """Whether `literal` comes next."""
        self.skip()
        return self.text.startswith(literal, self.position)

    def accept(self, literal: str) -> bool:
        """Move over `literal` if it comes next."""
        if not self.sees(literal):
            return False
        self.position += len(literal)
        return True

    def expect(self, literal: str) -> None:
        """Move over `literal`. Raises ExpressionError when something else stands there."""
        if not self.accept(literal):
            raise self.error(f"expected '{literal}' {self._instead()}")

    def take(self, pattern: re.Pattern[str]) -> str | None:
        """Move over what `pattern` matches here and return it."""
        self.skip()
        found = pattern.match(self.text, self.position)
        if not found:
            return None
        self.position = found.end()
        return found.group()

    def quoted(self) -> str | None:
        """Move over a string in single or double quotes and return what it says."""
        self.skip()
        if self.text[self.position : self.position + 1] not in ("'", '"'):
            return None
        found = _QUOTED.match(self.text, self.position)
        if not found:
            raise self.error("this string is not closed")
        self.position = found.end()
        return _ESCAPE.sub(_unescape, found.group(1) if found.group(1) is not None else found.group(2))

    def unexpected(self) -> ExpressionError:
        """The error for a token that makes no sense here."""
        return self.error(f"cannot go on {self._instead()}")

    def error(self, reason: str, position: int | None = None) -> ExpressionError:
        """The error for `reason` here, or at `position`."""
        return ExpressionError(reason, self.text, (self.position if position is None else position) + 1)

    def _instead(self) -> str:
        return "but the text ends" if self.at_end() else f"with '{self.text[self.position]}'"


def _unescape(found: re.Match[str]) -> str:
    letter = found.group(1)
    if len(letter) == 5:
        return chr(int(letter[1:], 16))
    # an unknown escape stays as it is, so that a regular expression can say \d or \.
    return _ESCAPED.get(letter, found.group())
