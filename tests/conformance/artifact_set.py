"""The artifacts: each is read, has the kind and the name the corpus says, and can be deployed."""

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from conformance.corpus import Corpus, Row
from conformance.definitions import read, refused
from conformance.trials import tried
from conformance.verdict import Gap, Mismatch, Verdict
from lxml import etree

from micro_integrator.kit import parse
from micro_integrator.synapse import Graph, Loaded, Terms

ROWS = "artifacts.jsonl"
_NO_ARTIFACT = {"unitTest": "unit tests are not run yet", "registry": "a registry is no artifact of its own"}
_NAMED_BY_KEY = frozenset({"endpoint", "sequence"})
"""Kinds that may lie in a registry without a name: their key is one."""
_NAME = "anonymous"
_WHOLE = "definitions"
"""The kind of a file with many artifacts, which has no name itself."""

_PLACEHOLDER = re.compile(r"\$\{configs\.[^}]*\}|\$(SYSTEM|FILE):[\w.-]+")
_LOST = re.compile(r"src='file:[^']*'> cannot be read: No such file")
"""The text of a refusal because of a file that the corpus does not hold."""
_ANYWHERE = "http://localhost:9000"
"""What stands for every value that a server would have been given."""


def artifact_verdicts(corpus: Corpus) -> Iterator[Verdict]:
    """Read every artifact, alone."""
    with _files(corpus) as folder:
        terms = Terms(resolve=_resolved, files=folder)
        yield from tried(corpus.rows(ROWS), "artifacts", lambda row: _try(row, corpus, terms))


@contextmanager
def _files(corpus: Corpus) -> Iterator[Path]:
    """Lay out the resource files of the corpus under the names that artifacts use for them."""
    with tempfile.TemporaryDirectory(prefix="mi-files-") as folder:
        for case in corpus.rows("cases/http.jsonl"):
            for reference, file in case.get("files", {}).items():
                place = Path(folder, reference)
                if Path(os.path.normpath(place)).is_relative_to(folder) and not place.exists():
                    with suppress(Gap):
                        content = corpus.content(file)
                        place.parent.mkdir(parents=True, exist_ok=True)
                        place.write_bytes(content)
        yield Path(folder)


def _try(row: Row, corpus: Corpus, terms: Terms) -> None:
    if row["kind"] in _NO_ARTIFACT:
        raise Gap(_NO_ARTIFACT[row["kind"]])
    content = corpus.content(row["file"])
    if row["kind"] in _NAMED_BY_KEY and not row.get("name"):
        content, row = _named(content), {**row, "name": _NAME}
    loaded = read(content, terms)
    if row.get("expect") == "rejected":
        if not loaded.errors:
            raise Mismatch("a refusal was expected")
        return
    if loaded.errors:
        _excuse(row, loaded)
        raise refused(loaded)
    if row["kind"] != _WHOLE:
        [made] = loaded.artifacts
        if made.kind != row["kind"] or row.get("name") not in (None, *_names(made.name)):
            raise Mismatch(f"read as {made.kind} '{made.name}'")
    Graph().changed(add=loaded.artifacts)


def _excuse(row: Row, loaded: Loaded) -> None:
    """Raise Gap when the server would have needed more than the definition."""
    if row.get("requires"):
        raise Gap(f"needs {', '.join(row['requires'])}")
    lost = [error.message for error in loaded.errors if _LOST.search(error.message)]
    if len(lost) == len(loaded.errors):
        raise Gap("; ".join(lost))


def _resolved(text: str) -> str:
    return _PLACEHOLDER.sub(_ANYWHERE, text)


def _named(content: bytes) -> bytes:
    root = parse(content)
    root.set("name", _NAME)
    return etree.tostring(root, with_tail=False)


def _names(name: str) -> tuple[str, str]:
    """Return a name and, of an API, the same without its version."""
    return name, name.partition(":v")[0]
