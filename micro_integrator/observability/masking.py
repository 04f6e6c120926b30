"""Keep secrets and what users call confidential out of everything that is told."""

import re
from collections.abc import Callable, Iterable, Mapping

from micro_integrator.kit import MicroIntegratorError

MASK = "*****"
SHORTEST_SECRET = 4
"""Characters; masking shorter values would riddle the log with asterisks and hide nothing."""

_REPLACE = ".replace"


class MaskError(MicroIntegratorError):
    """A `[masking_pattern]` cannot be used; the text names it."""


class Masker:
    """Replaces secret values, and whatever matches a pattern, in any text."""

    def __init__(self, patterns: Mapping[str, str] | None = None, secrets: Iterable[str] = ()) -> None:
        """Compile `patterns`: name → regex, `name.replace` → the text instead. Raises MaskError."""
        self._steps: list[Callable[[str], str]] = []
        values = {secret for secret in secrets if len(secret) >= SHORTEST_SECRET}
        if values:
            longest_first = sorted(values, key=len, reverse=True)  # one may be the beginning of another
            self._add("secrets", "|".join(map(re.escape, longest_first)), MASK)
        named = patterns or {}
        for name, pattern in named.items():
            is_replacement = name.endswith(_REPLACE) and name.removesuffix(_REPLACE) in named
            if not is_replacement:
                self._add(name, pattern, named.get(name + _REPLACE, MASK))

    def _add(self, name: str, pattern: str, replacement: str) -> None:
        try:
            found = re.compile(pattern)
        except re.error as error:
            raise MaskError(f"[masking_pattern.properties] {name} = '{pattern}': {error}") from error
        # a pattern that fits nothing at all, such as [0-9]*, does so between any two characters
        self._steps.append(lambda text: found.sub(lambda match: replacement if match[0] else "", text))

    def __call__(self, text: str) -> str:
        """Return `text` without what must not be seen."""
        for step in self._steps:
            text = step(text)
        return text

    def __bool__(self) -> bool:
        """Return whether there is anything to mask."""
        return bool(self._steps)
