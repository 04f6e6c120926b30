"""conf/file.properties: the `key=value` lines that artifacts may use."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from micro_integrator.kit import Signature, boottime, signature_of

LOOK_EVERY = 1.0
"""Seconds for which a value is taken from memory."""


class PropertiesFile(Mapping[str, str]):
    """The lines of a properties file, as they are now: a changed file is read again when somebody asks for a value."""

    def __init__(self, path: Path, look_every: float = LOOK_EVERY) -> None:
        """`look_every`: seconds after which a change is seen at the latest. A file that is not there has no lines."""
        self._path, self._look_every = path, look_every
        self._look_at = 0.0
        self._seen: Signature | None = None
        self._lines: dict[str, str] = {}

    def __getitem__(self, key: str) -> str:
        return self._now()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def _now(self) -> dict[str, str]:
        now = boottime()
        if now >= self._look_at:
            self._look_at = now + self._look_every
            seen = signature_of(self._path)
            if seen != self._seen:
                self._seen, self._lines = seen, read_properties(self._path)
        return self._lines


def read_properties(path: Path) -> dict[str, str]:
    """Return the `key=value` lines of a Java properties file; a file that is not there has none."""
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return {}
    joined = re.sub(r"\\\r?\n[ \t]*", "", text)
    found: dict[str, str] = {}
    for line in joined.splitlines():
        if line.strip() and line.lstrip()[0] not in "#!":
            key, _, value = re.sub(r"\s*[=:]\s*|\s+", "=", line.strip(), count=1).partition("=")
            found[key] = value
    return found
