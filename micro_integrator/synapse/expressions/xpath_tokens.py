"""The tokens of XPath 1.0, each with the text it will have after rewriting."""

import re
from dataclasses import dataclass

from micro_integrator.synapse.expressions.errors import ExpressionError

_NCNAME = r"[^\W\d][\w.\-·]*"
_TOKEN = re.compile(
    rf"\s*(?:(?P<text>\"[^\"]*\"|'[^']*')|(?P<number>\d+(?:\.\d*)?|\.\d+)"
    rf"|(?P<variable>\$\s*{_NCNAME}(?::{_NCNAME})?)"
    rf"|(?P<name>{_NCNAME}(?::(?!:)(?:{_NCNAME}|\*))?)|(?P<clark>\{{[^{{}}]*\}}{_NCNAME})"
    r"|(?P<symbol>::|//|\.\.|<=|>=|!=|[()\[\].@,/|+\-=<>*]))"
)
_OPERATOR_NAMES = frozenset(("and", "or", "mod", "div", "*"))
_OPERATOR_SIGNS = frozenset(("|", "+", "-", "=", "!=", "<", "<=", ">", ">="))
_OPENERS = frozenset(("@", "::", "(", "[", ",", "/", "//"))


@dataclass(slots=True)
class Token:
    """One token.

    kind    text, number, variable, name, clark (`{namespace}name`), operator or symbol
    text    as it was written
    start   where, from 0
    shown   what is handed to libxml2 for it, blanks before it included
    """

    kind: str
    text: str
    start: int
    shown: str

    def replace(self, text: str) -> None:
        """Hand `text` to libxml2 instead."""
        self.shown = self.shown.replace(self.text, text)


def tokens_of(source: str) -> list[Token]:
    """Cut an expression into tokens. Raises ExpressionError."""
    tokens: list[Token] = []
    position, end = 0, len(source.rstrip())
    while position < end:
        found = _TOKEN.match(source, position)
        if not found or found.lastgroup is None:
            raise _unreadable(source, position)
        kind, text = found.lastgroup, found.group(found.lastgroup)
        # `*` and names such as `div` are operators exactly where an operand has just ended
        if text in _OPERATOR_SIGNS or (text in _OPERATOR_NAMES and _ends_operand(tokens)):
            kind = "operator"
        tokens.append(Token(kind, text, found.start(found.lastgroup), found.group()))
        position = found.end()
    return tokens


def _ends_operand(tokens: list[Token]) -> bool:
    return bool(tokens) and tokens[-1].kind != "operator" and tokens[-1].text not in _OPENERS


def _unreadable(source: str, position: int) -> ExpressionError:
    rest = source[position:].lstrip()
    reason = "this string is not closed" if rest[0] in "'\"" else f"cannot go on with '{rest[0]}'"
    return ExpressionError(reason, source, len(source) - len(rest) + 1)
