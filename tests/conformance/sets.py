"""The sets of cases, one after the other."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from conformance.artifact_set import artifact_verdicts
from conformance.corpus import Corpus
from conformance.deviations import LISTED, MARK, explained
from conformance.http_set import http_verdicts
from conformance.snippet_set import snippet_verdicts
from conformance.unit_set import unit_verdicts
from conformance.verdict import Verdict


def sets(corpus: Corpus, folder: Path) -> Mapping[str, Callable[[], Iterator[Verdict]]]:
    """Return what tries each set, by its name; `folder` is empty and for servers that are started."""
    tried: Mapping[str, Callable[[], Iterator[Verdict]]] = {
        "artifacts": partial(artifact_verdicts, corpus),
        "unit": partial(unit_verdicts, corpus),
        "snippets": partial(snippet_verdicts, corpus),
        "http": partial(http_verdicts, corpus, folder),
    }
    return {name: partial(_explained, verdicts) for name, verdicts in tried.items()}


def surprises(verdicts: Iterable[Verdict]) -> list[str]:
    """Return every failure without a known reason, and every case that passes although a reason is known."""
    return [
        f"{one.id}: {one.reason or 'passes now, so that its reason in `deviations` is out of date'}"
        for one in verdicts
        if (one.outcome == "fail" and not one.reason.startswith(MARK))
        or (one.outcome == "pass" and one.id in LISTED)
    ]


def _explained(verdicts: Callable[[], Iterator[Verdict]]) -> Iterator[Verdict]:
    return map(explained, verdicts())
