"""Where the cases of the reference's own tests lie, and their rows."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conformance.verdict import Gap

HOME = Path(os.environ.get("MI_CONFORMANCE_DIR", Path(__file__).parents[3] / "shared" / "conformance"))
"""The folder that holds the corpus of Synapse cases, and the tools for any corpus of its form."""

ABSENT = f"no conformance corpus in {HOME}: set MI_CONFORMANCE_DIR to a folder that holds synapse/ and tools/"

BROKEN = "broken"
"""The column of a row that cannot be read as one: what is wrong with it."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Corpus:
    """A folder with `artifacts.jsonl`, `cases/` and the files their rows name; any of them may be missing.

    Nobody here wrote what it holds: a line that is no row becomes a row that says so, and does not hide the others.
    """

    root: Path

    def rows(self, name: str) -> Iterator[Row]:
        """Yield the rows of one of its files; none when it has no such file."""
        path = self.root / name
        if path.is_file():
            with path.open("rb") as lines:
                yield from (
                    _row(line, f"{name}:{number}") for number, line in enumerate(lines, 1) if line.strip()
                )

    def content(self, file: str) -> bytes:
        """Return what a file holds that a row names. Raises Gap when the corpus does not have it."""
        try:
            return (self.root / file).read_bytes()
        except OSError as error:
            raise Gap(f"the corpus has no {file}: {error.strerror}") from error

    @property
    def settings(self) -> dict[str, Row]:
        """What the servers of the original test suites were told, by suite."""
        path = self.root / "server_settings.json"
        found: dict[str, Row] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        return found

    @property
    def player(self) -> Path:
        """The program that plays HTTP cases: in this corpus or beside it, else where the usual corpus has it."""
        folders = (self.root, self.root.parent, HOME)
        places = [folder / "tools" / "run_cases.py" for folder in folders]
        return next((place for place in places if place.is_file()), places[-1])


def corpus_in(folder: Path) -> Corpus:
    """Return the corpus in a folder: the folder itself, unless it has none and holds one as synapse/."""
    inside = folder / "synapse"
    has_one = (folder / "artifacts.jsonl").exists() or (folder / "cases").exists()
    return Corpus(inside if inside.is_dir() and not has_one else folder)


def _row(line: bytes, place: str) -> Row:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        return {"id": place, BROKEN: f"no JSON: {error}"}
    if not isinstance(found, dict) or "id" not in found:
        return {"id": place, BROKEN: "no object with an id"}
    return {**found, "id": str(found["id"])}


USUAL = Corpus(HOME / "synapse")
