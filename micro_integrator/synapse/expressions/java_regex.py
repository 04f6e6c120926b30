r"""Regular expressions of artifacts, which are written in the dialect of Java, as those of Python.

What differs, and is put into other words here:

    (?<name>...)  \k<name>  \Q...\E           names and quotations
    a(?i)b|c                                  flags from the middle of a group to its end
    \p{Alpha}  \p{Lu}  \P{L}  \h \v \R        classes of characters
    [a-z&&[^aeiou]]  [a[bc]]                  intersections and unions of them
    \z  \Z  \e  \x{1F600}  \cA  \012          ends of the text, single characters

`\d`, `\w`, `\s`, `\b` and the flag i know the letters of ASCII only, unless the flag u or U stands in the pattern.
"""

import re
from functools import lru_cache

from micro_integrator.synapse.expressions.java_classes import (
    LINE_ENDS,
    character_class,
    escaped,
    property_class,
)

KEPT = 512
"""Patterns that are kept compiled: those of a message, as of `split()`, are mostly the same again."""

_FLAGS = re.compile(r"\(\?([a-zA-Z]*)(?:-([a-zA-Z]*))?([:)])")
_NAMED = re.compile(r"\(\?<(?![=!])")
_BACK_REFERENCE = re.compile(r"\\k<(\w+)>")
_UNICODE_FLAGS = frozenset("uU")
_OWN_FLAGS = frozenset("imsx")
"""Flags that mean the same here; d, u and U are seen to otherwise."""
_ANCHORS = {"z": r"\Z", "Z": r"(?=\n?\Z)", "R": rf"(?:\r\n|[{LINE_ENDS}])", "E": ""}


@lru_cache(KEPT)
def java_regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Compile `pattern`. Raises re.error, and OverflowError or RecursionError for what is out of all proportion."""
    translation = _Translation(pattern)
    text = translation.run()
    is_unicode = translation.is_unicode or flags & re.UNICODE
    return re.compile(text, flags if is_unicode else flags | re.ASCII)


class _Translation:
    def __init__(self, pattern: str) -> None:
        self._pattern, self._at = pattern, 0
        self._scopes: list[list[str]] = [[]]
        """For each group that is open, the flags that were set in the middle of it."""
        self.is_unicode = False

    def run(self) -> str:
        parts = []
        while self._at < len(self._pattern):
            parts.append(self._next(self._pattern[self._at]))
        return "".join(parts) + self._closed()

    def _next(self, character: str) -> str:
        match character:
            case "\\":
                return self._escape()
            case "[":
                text, self._at = character_class(self._pattern, self._at)
                return text
            case "(":
                return self._group()
            case ")":
                self._at += 1
                text = self._closed()
                if len(self._scopes) > 1:
                    self._scopes.pop()
                return f"{text})"
            case "|":
                self._at += 1
                return f"{self._closed()}|{''.join(self._scopes[-1])}"
            case _:
                self._at += 1
                return character

    def _closed(self) -> str:
        return ")" * len(self._scopes[-1])

    def _group(self) -> str:
        if (found := _FLAGS.match(self._pattern, self._at)) is not None:
            return self._flags(found)
        self._scopes.append([])
        if (found := _NAMED.match(self._pattern, self._at)) is not None:
            self._at = found.end()
            return "(?P<"
        self._at += 1
        return "("

    def _flags(self, found: re.Match[str]) -> str:
        self._at = found.end()
        on, off, end = found[1], found[2] or "", found[3]
        self.is_unicode |= not _UNICODE_FLAGS.isdisjoint(on)
        kept_on, kept_off = ("".join(sorted(_OWN_FLAGS.intersection(letters))) for letters in (on, off))
        if unknown := {*on, *off} - _OWN_FLAGS - _UNICODE_FLAGS - {"d"}:
            raise re.error(f"unknown flag {min(unknown)}", self._pattern, found.start())
        group = f"(?{kept_on}{f'-{kept_off}' if kept_off else ''}:"
        if end == ":":
            self._scopes.append([])
            return group
        if not kept_on and not kept_off:
            return ""
        self._scopes[-1].append(group)
        return group

    def _escape(self) -> str:
        pattern, start = self._pattern, self._at
        letter = pattern[start + 1 : start + 2]
        if letter == "Q":
            quoted, _, _ = pattern[start + 2 :].partition(r"\E")
            self._at = start + 2 + len(quoted) + 2
            return re.escape(quoted)
        if letter in _ANCHORS:
            self._at += 2
            return _ANCHORS[letter]
        if (found := _BACK_REFERENCE.match(pattern, start)) is not None:
            self._at = found.end()
            return f"(?P={found[1]})"
        if letter in {"p", "P", "h", "H", "v", "V"}:
            (inside, is_negated), self._at = property_class(pattern, start)
            return f"[{'^' * is_negated}{inside}]"
        text, self._at = escaped(pattern, start)
        return text
