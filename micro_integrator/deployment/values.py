"""Values that are put into artifacts while they are deployed.

    $SYSTEM:KEY       environment variable, else system property
    $FILE:KEY         conf/file.properties, or the file of -Dproperties.file.path
    ${configs.KEY}    declared by the application: environment, else system property, else file.properties

They may stand anywhere in a value, several in one. Which values are looked at is the engine's grammar.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from micro_integrator.deployment.package import Declared
from micro_integrator.deployment.problem import Faulty, Problem
from micro_integrator.kit import MicroIntegratorError

_PLACEHOLDER = re.compile(
    r"\$(?P<source>SYSTEM|FILE|CUSTOM_\w+):(?P<key>\w+)|\$\{configs\.(?P<config>[\w.-]+)\}"
)
_FITS: Mapping[str, Callable[[str], bool]] = {
    "string": lambda value: True,
    "code": lambda value: True,
    "int": lambda value: re.fullmatch(r"[+-]?\d+", value.strip()) is not None,
    "boolean": lambda value: value.strip().lower() in ("true", "false"),
    "cert": lambda value: Path(value).is_file(),
}


class MissingValue(MicroIntegratorError):
    """No source has the value; the text is the reason to show."""


class Values:
    """The three sources at one moment, for one application (`configs` are its declared values)."""

    def __init__(
        self,
        environ: Mapping[str, str],
        properties: Mapping[str, str],
        file_properties: Mapping[str, str],
        configs: Mapping[str, str] | None = None,
    ) -> None:
        self._environ, self._properties, self._file = environ, properties, file_properties
        self._configs = configs or {}

    def declaring(self, declared: tuple[Declared, ...]) -> "Values":
        """Return these sources with the values one application declares. Raises Faulty for missing ones."""
        configs: dict[str, str] = {}
        problems: list[Problem] = []
        for one in declared:
            value = self._outside(one.key)
            if (reason := _unfit(one, value)) is not None:
                problems.append(Problem(one.shown, reason, one.line))
            configs[one.key] = value or ""
        if problems:
            raise Faulty(problems)
        return Values(self._environ, self._properties, self._file, configs)

    def resolve(self, text: str) -> str:
        """Return `text` with every placeholder replaced. Raises MissingValue."""
        return _PLACEHOLDER.sub(self._replacement, text) if "$" in text else text

    def _replacement(self, match: re.Match[str]) -> str:
        if (config := match["config"]) is not None:
            if config not in self._configs:
                raise MissingValue(f"The value of the key:[{config}] is not found.")
            return self._configs[config]
        source, key = match["source"], match["key"]
        if source == "SYSTEM":
            value, reason = (
                self._environ.get(key, self._properties.get(key)),
                "Environment variable could not be found",
            )
        elif source == "FILE":
            value, reason = self._file.get(key), "File property could not be found"
        else:
            value, reason = None, f"no resolver for ${source} is known"
        if value is None:
            raise MissingValue(f"{reason}: {key}")
        return value

    def _outside(self, key: str) -> str | None:
        return next(
            (place[key] for place in (self._environ, self._properties, self._file) if key in place), None
        )


def _unfit(declared: Declared, value: str | None) -> str | None:
    if value is None:
        return f"The value of the key:[{declared.key}] is not found."
    if not _FITS[declared.type](value):
        return f"the value of '{declared.key}' is not of type {declared.type}"
    return None
