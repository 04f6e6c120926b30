"""[masking_pattern]: what never appears in the log."""

import re
from collections.abc import Iterator, Mapping

from micro_integrator.config.keys import section, table
from micro_integrator.config.kinds import string

_REPLACE = ".replace"


@section("masking_pattern")
class MaskingSettings:
    """Regular expressions whose matches are replaced by `*****` in every log line.

    `card = "[0-9]{16}"` masks card numbers; `'card.replace' = "(card)"` chooses another text for them.
    """

    properties: Mapping[str, str] = table(
        kind=string,
        is_reloadable=True,
        doc="name = regular expression; `'name.replace'` = text instead of `*****`",
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Name the patterns that are no regular expressions."""
        for name, text in self.properties.items():
            if self._is_replacement(name):
                continue
            try:
                re.compile(text)
            except re.error as error:
                yield f"properties.{name}", f"expected a regular expression: {error}"

    def _is_replacement(self, name: str) -> bool:
        return name.endswith(_REPLACE) and name.removesuffix(_REPLACE) in self.properties
