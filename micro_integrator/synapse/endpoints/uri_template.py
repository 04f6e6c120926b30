"""URI templates: RFC 6570 without lists, and `${...}`; compiled once, expanded for each message. ◇

    {v}   {a,b}   {v:3}    the value, everything but letters, digits and -._~ percent-encoded
    {+v}  {#v}             the same, but reserved characters and %XX stay
    {/v}  {.v}  {;v}  {?v}  {&v}    with their prefixes and names
    ${EXPR}                the text of an expression as it is, braces in it mean nothing

A template that begins with `{` begins with `{+`: a whole URL may come out of one variable. After the prefix
`legacy-encoding:` simple variables keep what is encoded or reserved already.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from micro_integrator.synapse.expressions import EvaluationTarget, Expression, Template

Lookup = Callable[[str], str | None]

LEGACY = "legacy-encoding:"

_UNRESERVED = "-._~"
_RESERVED = _UNRESERVED + ":/?#[]@!$&'()*+,;="
_VARIABLE = re.compile(r"([^{},:*\s]+)(?::([0-9]{1,4}))?\*?")
_ENCODED = re.compile(r"(%[0-9A-Fa-f]{2})")
_BRACES = re.compile(r"\{([^{}]*)\}")
_HOST_DONE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]+[/?#]")
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/{0,2}[^/?#\s].*", re.DOTALL)


class TemplateError(Exception):
    """The text is no template, or what came out of it is no URI; the text says why."""


@dataclass(frozen=True, slots=True)
class _Operator:
    before: str
    between: str
    is_named: bool = False
    keeps_reserved: bool = False
    empty: str = ""
    """What stands behind a name without a value."""


_OPERATORS = {
    "": _Operator("", ","),
    "+": _Operator("", ",", keeps_reserved=True),
    "#": _Operator("#", ",", keeps_reserved=True),
    ".": _Operator(".", "."),
    "/": _Operator("/", "/"),
    ";": _Operator(";", ";", is_named=True),
    "?": _Operator("?", "&", is_named=True, empty="="),
    "&": _Operator("&", "&", is_named=True, empty="="),
}


@dataclass(frozen=True, slots=True)
class _Place:
    """One pair of braces."""

    operator: _Operator
    variables: tuple[tuple[str, int | None], ...]
    """Name, and how many characters of the value count."""

    def expanded(self, lookup: Lookup) -> str:
        found = [
            (name, value[:length]) for name, length in self.variables if (value := lookup(name)) is not None
        ]
        shown = [self._shown(name, value) for name, value in found]
        return self.operator.before + self.operator.between.join(shown) if shown else ""

    def _shown(self, name: str, value: str) -> str:
        encoded = (
            _kept(value)
            if self.operator.keeps_reserved
            else quote(value, safe=_UNRESERVED, errors="surrogatepass")
        )
        if not self.operator.is_named:
            return encoded
        return f"{name}={encoded}" if encoded else f"{name}{self.operator.empty}"


Part = str | Expression | _Place


class UriTemplate:
    """A compiled template. Raises TemplateError, ExpressionError."""

    def __init__(self, text: str, namespaces: dict[str, str]) -> None:
        self.source = text
        is_legacy = text.startswith(LEGACY)
        body = text.removeprefix(LEGACY)
        if body.startswith("{") and body[1:2] not in _OPERATORS:
            body = "{+" + body[1:]
        self._parts = tuple(_parts(body, namespaces, is_legacy=is_legacy))
        self.reads_body = any(part.reads_body for part in self._parts if isinstance(part, Expression))
        """Whether an expression takes something out of the payload."""
        first = self._parts[0] if self._parts else ""
        self.has_static_host = isinstance(first, str) and (
            len(self._parts) == 1 or _HOST_DONE.match(first) is not None
        )
        """Whether every message goes to the same host, which the artifact names."""

    @property
    def constant(self) -> str | None:
        """The URI, when it is the same for every message."""
        first = self._parts[0] if len(self._parts) == 1 else None
        return first if isinstance(first, str) and _ABSOLUTE.fullmatch(first) else None

    def expand(self, message: EvaluationTarget, lookup: Lookup) -> str:
        """Return the URI for a message. A variable without a value becomes nothing. Raises TemplateError."""
        uri = "".join(_text(part, message, lookup) for part in self._parts)
        if _ABSOLUTE.fullmatch(uri) is None:
            unset = sorted(name for name in self._names() if lookup(name) is None)
            missing = f"; without a value: {', '.join(unset)}" if unset else ""
            raise TemplateError(f"'{self.source}' becomes '{uri}'{missing}")
        return uri

    def _names(self) -> set[str]:
        return {name for part in self._parts if isinstance(part, _Place) for name, _ in part.variables}


def _text(part: Part, message: EvaluationTarget, lookup: Lookup) -> str:
    if isinstance(part, str):
        return part
    return part.expanded(lookup) if isinstance(part, _Place) else part.text(message) or ""


def _parts(text: str, namespaces: dict[str, str], *, is_legacy: bool) -> list[Part]:
    parts: list[Part] = []
    for piece in Template(text, namespaces).parts:
        if isinstance(piece, Expression):
            parts.append(piece)
        else:
            parts.extend(_literals_and_places(piece, is_legacy=is_legacy))
    return parts


def _literals_and_places(text: str, *, is_legacy: bool) -> list[str | _Place]:
    found: list[str | _Place] = []
    for number, piece in enumerate(_BRACES.split(text)):
        if number % 2:
            found.append(_place(piece, is_legacy=is_legacy))
        elif "{" in piece or "}" in piece:
            raise TemplateError(f"a brace without its partner in '{piece}'")
        elif piece:
            found.append(piece)
    return found


def _place(text: str, *, is_legacy: bool) -> _Place:
    sign = text[:1] if text[:1] in _OPERATORS else ""
    operator = _OPERATORS["+" if is_legacy and not sign else sign]
    variables = []
    for word in text[len(sign) :].split(","):
        parts = _VARIABLE.fullmatch(word.strip())
        if parts is None or not (parts[1][0].isalnum() or parts[1][0] == "_"):
            raise TemplateError(f"'{{{text}}}' is not a variable of a URI template")
        variables.append((parts[1], int(parts[2]) if parts[2] else None))
    return _Place(operator, tuple(variables))


def _kept(value: str) -> str:
    """Return `value` with everything encoded that is neither legal in a URI nor encoded already."""
    pieces = _ENCODED.split(value)
    return "".join(
        piece if number % 2 else quote(piece, safe=_RESERVED, errors="surrogatepass")
        for number, piece in enumerate(pieces)
    )
