"""The sets of cases, one after the other."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from conformance import artifact_set, http_cases, snippet_set, unit_set
from conformance.artifact_set import artifact_verdicts
from conformance.corpus import Corpus
from conformance.deviations import LISTED, MARK, explained
from conformance.http_set import http_verdicts
from conformance.snippet_set import snippet_verdicts
from conformance.unit_set import unit_verdicts
from conformance.verdict import SetName, Verdict

SETS: Mapping[SetName, str] = {
    "artifacts": artifact_set.ROWS,
    "unit": unit_set.ROWS,
    "snippets": snippet_set.ROWS,
    "http": http_cases.ROWS,
}
"""Name of a set → the file of its rows."""


def sets(corpus: Corpus, folder: Path) -> Mapping[str, Callable[[], Iterator[Verdict]]]:
    """Return what tries each set, by its name, with one verdict for each row of its file.

    `folder` is empty and for servers that are started.
    """
    tried: Mapping[SetName, Callable[[], Iterator[Verdict]]] = {
        "artifacts": partial(artifact_verdicts, corpus),
        "unit": partial(unit_verdicts, corpus),
        "snippets": partial(snippet_verdicts, corpus),
        "http": partial(http_verdicts, corpus, folder),
    }
    return {name: partial(_all, corpus, name, verdicts) for name, verdicts in tried.items()}


def surprises(verdicts: Iterable[Verdict]) -> list[str]:
    """Return every failure without a known reason, and every case that passes although a reason is known."""
    return [
        f"{one.id}: {one.reason or 'passes now, so that its reason in `deviations` is out of date'}"
        for one in verdicts
        if (one.outcome == "fail" and not one.reason.startswith(MARK))
        or (one.outcome == "pass" and one.id in LISTED)
    ]


def _all(corpus: Corpus, name: SetName, verdicts: Callable[[], Iterator[Verdict]]) -> Iterator[Verdict]:
    """Yield the verdicts with what is known about them; a set that cannot be tried to its end has failed there."""
    missing = Counter(row["id"] for row in corpus.rows(SETS[name]))
    try:
        for found in verdicts():
            missing[found.id] -= 1
            yield explained(found)
    except Exception as error:  # what is wrong with a whole set must not hide the next one
        reason = f"the set '{name}' could not be tried to its end: {type(error).__name__}: {error}"
        yield from (Verdict(case, name, "fail", reason) for case in missing.elements())
