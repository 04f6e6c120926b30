"""Where the cases of the reference's own tests lie, and their rows."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOME = Path(os.environ.get("MI_CONFORMANCE_DIR", Path(__file__).parents[3] / "shared" / "conformance"))
"""The folder that holds the corpus of Synapse cases, and the tools for any corpus of its form."""

ABSENT = f"no conformance corpus in {HOME}: set MI_CONFORMANCE_DIR to a folder that holds synapse/ and tools/"

Row = dict[str, Any]


@dataclass(frozen=True)
class Corpus:
    """A folder with `artifacts.jsonl`, `cases/` and the files their rows name; any of them may be missing."""

    root: Path

    def rows(self, name: str) -> Iterator[Row]:
        """Yield the rows of one of its files; none when it has no such file."""
        path = self.root / name
        if path.is_file():
            with path.open(encoding="utf-8") as lines:
                yield from (json.loads(line) for line in lines if line.strip())

    def content(self, file: str) -> bytes:
        """Return what a file holds that a row names."""
        return (self.root / file).read_bytes()

    @property
    def settings(self) -> dict[str, Row]:
        """What the servers of the original test suites were told, by suite."""
        path = self.root / "server_settings.json"
        found: dict[str, Row] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        return found

    @property
    def player(self) -> Path:
        """The program that plays HTTP cases: beside this corpus, else where the usual corpus has it."""
        beside = self.root.parent / "tools" / "run_cases.py"
        return beside if beside.is_file() else HOME / "tools" / "run_cases.py"


USUAL = Corpus(HOME / "synapse")
