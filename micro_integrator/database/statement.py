"""Named SQL: one sentence for all databases, or one per database where they differ too much.

A text has binds (`:group`) and accents (`{now_ms}`), which each dialect pronounces its own way:

    {now_ms}     the database's clock in epoch milliseconds
    {same}       comparison that takes two NULLs for equal
    {greatest}   the function that returns the larger of two values
    {position}   the function that finds a text in another, 0 if it is not there

On PostgreSQL a bind takes the type of its surroundings; where it has none, say CAST(:x AS ..).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

_MARKS = re.compile(r"'[^']*'|::|:(?P<bind>[A-Za-z_]\w*)|\{(?P<accent>\w+)\}")
_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|TRUNCATE)\b", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Statement:
    """A text for every database; a text given for one dialect is used there instead."""

    text: str
    postgresql: str | None = field(default=None, kw_only=True)
    mysql: str | None = field(default=None, kw_only=True)
    sqlite: str | None = field(default=None, kw_only=True)

    def text_for(self, dialect: str) -> str:
        """Return the text that `dialect` is to render."""
        own: str | None = getattr(self, dialect)
        return self.text if own is None else own


@dataclass(frozen=True)
class Rendered:
    """What goes to the driver: SQL, the names of its binds in order, and whether it changes anything."""

    sql: str
    binds: tuple[str, ...]
    writes: bool


def render(text: str, accents: Mapping[str, str], mark: Callable[[int], str]) -> Rendered:
    """Replace accents and binds; `mark(n)` is the driver's mark of bind n, counted from 1.

    A name used twice is sent twice: PostgreSQL gives each mark one type, which two surroundings may disagree on.
    Raises KeyError for an unknown accent.
    """
    binds: list[str] = []

    def replacement(match: re.Match[str]) -> str:
        if accent := match["accent"]:
            return accents[accent]
        if not (name := match["bind"]):
            return match[0]
        binds.append(name)
        return mark(len(binds))

    sql = _MARKS.sub(replacement, text)
    return Rendered(sql, tuple(binds), _WRITES.search(text) is not None)
