"""Placeholders in strings: `$env{N}`, `$sys{n}`, `$ref{key}`, `$secret{alias}`, `${name}`, `${env:N}`.

`$env`, `$sys` and `${env:}` take a default behind a colon: `$env{NAME:default}`. A doubled dollar
(`$$env{`, `$${`) stands for the text itself. What a placeholder brings in is never searched for
placeholders again.
"""

import re
from collections.abc import Callable

from micro_integrator.kit import MicroIntegratorError

LookUp = Callable[[str, str], str | None]
"""(form, name) → value or None; the forms are env, sys, ref, secret, and name for the bare `${name}`."""

_PLACEHOLDER = re.compile(
    r"""
      \$(?P<escaped>\$(?:env|sys|ref|secret)?\{)
    | \$(?P<form>env|sys|ref|secret)\{(?P<name>[^{}:]*)(?::(?P<default>[^}]*))?\}
    | \$\{env:(?P<variable>[^{}:]*)(?::(?P<fallback>[^}]*))?\}
    | \$\{(?P<bare>[\w.\-]+)\}
    | \$(?P<open>env|sys|ref|secret)\{
    """,
    re.VERBOSE,
)
_WITH_DEFAULT = ("env", "sys")


class PlaceholderError(MicroIntegratorError):
    """A placeholder has no value or is not written properly; the text says which one."""


def resolve(text: str, look_up: LookUp) -> str:
    """Return `text` with every placeholder replaced. Raises PlaceholderError for one without a value.

    Only the bare `${name}` may be unknown: it stays as it is, for whoever reads the value later.
    """
    return _PLACEHOLDER.sub(lambda match: _replacement(match, look_up), text)


def has_placeholder(text: str) -> bool:
    """Whether `resolve` would look at anything in `text`."""
    return _PLACEHOLDER.search(text) is not None


def _replacement(match: re.Match[str], look_up: LookUp) -> str:
    if match["escaped"]:
        return match["escaped"]
    if match["bare"]:
        found = look_up("name", match["bare"])
        return match.group() if found is None else found
    if match["open"]:
        raise PlaceholderError(f"the placeholder ${match['open']}{{ is not closed")
    if match["form"] is None:
        return _value("env", match["variable"], match["fallback"], look_up)
    return _value(match["form"], match["name"], match["default"], look_up)


def _value(form: str, name: str, default: str | None, look_up: LookUp) -> str:
    if not name:
        raise PlaceholderError(f"the placeholder ${form}{{}} names nothing")
    if default is not None and form not in _WITH_DEFAULT:
        raise PlaceholderError(f"the placeholder ${form}{{{name}:…}} takes no default")
    found = look_up(form, name)
    if found is not None:
        return found
    if default is not None:
        return default
    raise PlaceholderError(_NOT_FOUND[form].format(name=name))


_NOT_FOUND = {
    "env": "Environment variable {name} not defined in system",
    "sys": "Error while retrieving {name} system property",
    "ref": "References can't be resolved for {name}",
    "secret": "Secret '{name}' is not defined in [secrets]",
}
