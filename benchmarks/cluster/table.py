"""All cases by name, and their results as rows of a page."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from benchmarks.cluster import calm, crowds, departures, silences, storms, wrong_clocks

_PARTS = (departures, silences, wrong_clocks, crowds, calm, storms)
CASES = {case.name: case for part in _PARTS for case in part.CASES}
KINDS = ("postgresql", "mariadb", "sqlite")


def variant(name: str, kind: str) -> str:
    """Return what a case on a kind of database is called in the results."""
    return f"{name} {kind}"


def page_rows(
    newest: Mapping[str, Mapping[str, Any]], record: Callable[[str], str]
) -> Iterator[tuple[str, ...]]:
    """Return head and rows of the table: for each case that was run what it is, its goal, and what was seen.

    `newest`: variant → its newest row. `record` says of a variant how many of its kept runs have met the goal.
    """
    yield (
        "case",
        "goal",
        "database",
        "times",
        "seen",
        "goal",
        "goal met in",
        "load before",
        "when, commit, versions",
    )
    for case in CASES.values():
        for kind in KINDS:
            if (row := newest.get(variant(case.name, kind))) is None:
                continue
            figures = dict(row["figures"])
            times, versions = figures.pop("times"), figures.pop("versions")
            yield (
                f"**{case.name}** {case.what}",
                case.goal,
                kind,
                f"{times} of {case.times}",
                "<br>".join(f"{what}: {value}" for what, value in figures.items()),
                "met" if row["met"] else "**missed**",
                record(variant(case.name, kind)),
                f"{row['load']:.2f}",
                f"{row['at'][:16]}, {row['commit']}, {versions}",
            )
