"""The part of a URI template behind `?`: which parameters a request must and may have. ◇

?a={a}&b={b}    both, in any order, and no other
?kind=new       this value
?a={a}&*   ?*   more of them are fine
{?a,b}          each may be missing; no other
{?q*}           any query, or none
"""

import re
from urllib.parse import unquote

_PLACE = re.compile(r"\{([^{}]*)\}")
_NAME = re.compile(r"\+?([A-Za-z0-9_%][A-Za-z0-9_.%-]*)\*?")


class QueryPattern:
    """A compiled query. Raises ValueError, which says what was expected, for a text that is none."""

    __slots__ = ("_is_open", "_is_required", "_optional", "_required")

    def __init__(self, query: str | None, optional: list[str], prefix: str) -> None:
        words = [word.strip() for content in optional for word in content.split(",")]
        self._optional = {name: prefix + name for name in (_name_of(word) for word in words)}
        pieces = [piece for piece in (query or "").split("&") if piece]
        self._is_required = query is not None
        self._is_open = any(word.endswith("*") for word in [*words, *pieces[-1:]])
        self._required = {
            name: _Value(value, prefix)
            for name, _, value in (piece.partition("=") for piece in pieces if piece != "*")
        }

    def match(self, query: str | None, found: dict[str, str]) -> dict[str, str] | None:
        """Return `found` with the variables of the query, None when the query is another one."""
        if query is None:
            return None if self._is_required else found
        pieces = (piece.partition("=") for piece in query.split("&") if piece)
        given = {name: value for name, _, value in pieces}
        for name, value in self._required.items():
            raw = given.pop(name, None)
            if raw is None or not value.bind(raw, found):
                return None
        for name, variable in self._optional.items():
            if (raw := given.pop(name, None)) is not None:
                found[variable] = unquote(raw)
        return None if given and not self._is_open else found


class _Value:
    """What one parameter must look like."""

    __slots__ = ("_expression", "_names")

    def __init__(self, text: str, prefix: str) -> None:
        pieces = _PLACE.split(text.removesuffix("*"))
        rest = ".*" if text.endswith("*") else ""
        if any("{" in piece or "}" in piece for piece in pieces):
            raise ValueError("a partner for each brace")
        if any(not between for between in pieces[2:-1:2]):
            raise ValueError("something between two variables")
        self._names = tuple(prefix + _name_of(name) for name in pieces[1::2])
        parts = [_any_up_to(pieces[at + 1]) if at % 2 else re.escape(pieces[at]) for at in range(len(pieces))]
        self._expression = re.compile("".join(parts) + rest, re.DOTALL)

    def bind(self, raw: str, found: dict[str, str]) -> bool:
        """Put the variables of a value into `found`; False when it looks otherwise, or a name has two values."""
        matched = self._expression.fullmatch(raw)
        if matched is None:
            return False
        values = [unquote(value) for value in matched.groups()]
        return all(
            found.setdefault(name, value) == value for name, value in zip(self._names, values, strict=True)
        )


def _any_up_to(literal: str) -> str:
    return f"([^{re.escape(literal[0])}]*)" if literal else "(.*)"


def _name_of(word: str) -> str:
    found = _NAME.fullmatch(word)
    if found is None:
        raise ValueError(f"the name of a variable instead of '{{{word}}}'")
    return found[1]
