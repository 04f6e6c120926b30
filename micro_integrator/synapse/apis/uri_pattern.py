"""URI templates that take paths apart (RFC 6570 read backwards): compiled once into one regular expression each. ◇

    /orders/{id}            up to the character that follows in the template, or to a reserved one
    {a,b}                   one value each, separated by commas
    {+v}                    the same, reserved characters too
    {#v} {.v} {/v} {;v}     behind their sign; may be missing
    {v:3}                   exactly three characters
    /files/*                whatever follows

The part behind `?` stands in `query_pattern`; a template without one takes any query.
"""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from micro_integrator.synapse.apis.query_pattern import QueryPattern

PREFIX = "uri.var."
"""Begins the names of the properties that hold what a template has found."""

_RESERVED = "/?#[]@!$&'()*+,;="
_PLACE = re.compile(r"\{([^{}]*)\}")
_VARIABLE = re.compile(r"([A-Za-z0-9_%][A-Za-z0-9_.%-]*)(?::([1-9][0-9]{0,3})|(\*))?")
_QUERY_PLACE = re.compile(r"\{[?&]([^{}]*)\}")
_FIRST_SEGMENT = re.compile(r"/([^/]*)/")


class UriPattern:
    """A compiled template. Raises ValueError, which says what was expected, for a text that is none."""

    __slots__ = ("_expression", "_literals", "_names", "_query", "first_segment", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        optional = _QUERY_PLACE.findall(source)
        path, mark, query = _QUERY_PLACE.sub("", source).partition("?")
        self._query = QueryPattern(query if mark else None, optional, PREFIX) if mark or optional else None
        expression = _Expression(path)
        self._names = tuple(PREFIX + name for name in expression.names)
        self._expression = re.compile(expression.text + "/?", re.DOTALL)
        self._literals = {path, f"{path}/"} if expression.is_literal else None
        segment = _FIRST_SEGMENT.match(path + "/" if expression.is_literal else expression.beginning)
        self.first_segment = None if segment is None else segment[1]
        """What every path that matches has between its first and its second slash; None if it can be anything."""

    def match(self, path: str, query: str | None) -> dict[str, str] | None:
        """Return `uri.var.NAME` → decoded value, None when the path or the query is another one.

        One slash at the end of the path does not count. `query` is what stands behind `?`, as it was sent.
        """
        if self._literals is not None:
            if path not in self._literals:
                return None
            found: dict[str, str] = {}
        else:
            matched = self._expression.fullmatch(path)
            if matched is None:
                return None
            found = self._values(matched) if self._names else {}
        return found if self._query is None else self._query.match(query, found)

    def _values(self, matched: re.Match[str]) -> dict[str, str]:
        groups = zip(self._names, matched.groups(), strict=True)
        return {name: _decoded(value) for name, value in groups if value is not None}


def _decoded(value: str) -> str:
    return unquote(value) if "%" in value else value


class _Expression:
    """Builds the regular expression of a path, with one group for each name."""

    def __init__(self, path: str) -> None:
        self.names: list[str] = []
        self._has_rest = path.endswith("*")
        pieces = _PLACE.split(path.removesuffix("*"))
        self.beginning = pieces[0]
        self.is_literal = len(pieces) == 1 and not self._has_rest
        self.text = "".join(self._parts(pieces)) + (".*" if self._has_rest else "")

    def _parts(self, pieces: list[str]) -> Iterator[str]:
        for number, piece in enumerate(pieces):
            if number % 2:
                yield self._place(piece, _what_follows(pieces, number))
            elif "{" in piece or "}" in piece:
                raise ValueError("a partner for each brace")
            else:
                yield re.escape(piece)

    def _place(self, content: str, follows: str) -> str:
        sign = content[:1] if content[:1] in "+#./;" else ""
        variables = [_variable(word) for word in content[len(sign) :].split(",")]
        stop = re.escape(follows) + ("," if len(variables) > 1 else "")
        if sign in {"", "+"}:
            return ",".join(self._plain(found, sign, stop) for found in variables)
        return "".join(self._behind(sign, found, stop) for found in variables)

    def _plain(self, variable: re.Match[str], sign: str, stop: str) -> str:
        name, length, is_list = variable.groups()
        if length is not None:
            any_one = rf"%[0-9A-Fa-f]{{2}}|[^%{'' if sign else re.escape(_RESERVED)}]"
            return self._group(name, f"(?:{any_one}){{{length}}}")
        if sign:
            return self._group(name, f"[^{stop}]+" if stop else ".+")
        reserved = _RESERVED.replace(",", "") if is_list else _RESERVED
        return self._group(name, f"[^{re.escape(reserved)}{stop}]+")

    def _behind(self, sign: str, variable: re.Match[str], stop: str) -> str:
        name, _, is_list = variable.groups()
        if sign == "#" or is_list:
            return f"(?:{re.escape(sign)}{self._group(name, '.+')})?"
        value = self._group(name, f"[^{re.escape(_RESERVED + sign)}{stop}]*")
        if sign == ";":
            return f"(?:;{re.escape(name)}(?:={value})?)?"
        return f"(?:{re.escape(sign)}{value})?"

    def _group(self, name: str, characters: str) -> str:
        if name in self.names:  # the same name again stands for the same text
            return rf"(?:\{self.names.index(name) + 1})"
        self.names.append(name)
        return f"({characters})"


def _variable(word: str) -> re.Match[str]:
    found = _VARIABLE.fullmatch(word.strip())
    if found is None:
        raise ValueError(f"the name of a variable instead of '{{{word}}}'")
    return found


def _what_follows(pieces: list[str], number: int) -> str:
    """Return the character at which a value ends; two values side by side could be told apart in many ways."""
    literal, places = pieces[number + 1], pieces[number + 2 :]
    if literal:
        return literal[0]
    sign = places[0][:1] if places else ""
    if places and sign not in {"#", ".", "/", ";"} and ":" not in pieces[number]:
        raise ValueError(f"something between {{{pieces[number]}}} and {{{places[0]}}}")
    return sign
