"""Writes docs/measurements.md: for each benchmark what it does, its goal, and the newest result of each variant.

python -m benchmarks.render
"""

import importlib
from collections.abc import Iterator
from functools import partial
from typing import Any

from benchmarks import CHECKOUT
from benchmarks.cluster.table import page_rows
from benchmarks.results import results

PAGE = CHECKOUT / "docs" / "measurements.md"

GOALS = {
    "startup": "started within 1.5 s, less than 90 MB",
    "lag": "99th percentile at most 20 ms above that of the idle timer",
    "fires": "6,000 fires per second",
    "fires_http": "3,000 fires per second",
    "deploy_files": "5 s",
    "cluster": "",
    "memory": "flat after the fifth minute of an hour",
    "http_sender": "",
    "database_batches": "",
    "gateway": "pass 0.5 of the relay with 1 KB and 0.7 with 10 KB, 4 times uvicorn, 99th percentile at most 3 times "
    "the relay's; json 0.3 of the relay and twice uvicorn; xml 0.3 of the relay",
    "gateway.large_body": "less than 20 MB",
    "gateway.endurance": "a million messages, less than 120 MB, flat after the second minute",
    "gateway.many_apis": "deployed within 5 s; a request costs the same as with 1 API, 10 % taken for noise",
}
"""Benchmark → what it is measured against, in the order of the page."""

HEAD = """\
# Measurements

Written by `python -m benchmarks.render` from the files in `benchmarks/results/`. This page shows the newest run of each
kind, and in how many of the kept runs the goal was met. To repeat them all, on a machine that has nothing else to do
(about twenty minutes):

```
bin/test.sh --prepare
.venv-test/bin/python -m benchmarks
```

Database servers are private ones with their default settings, on the same machine as the node, and flush each commit
to its disk; the setting is read back from the server. *Load* is the machine's load average of one minute just before
the run: above 0.5 other work shared the two cores, and the figures are those of a busy machine.
"""


def page() -> str:
    """Return the page as Markdown."""
    return "\n".join([HEAD, *(line for name in GOALS for line in _section(name))])


def _section(name: str) -> Iterator[str]:
    newest = {row["variant"]: row for row in results(name)}
    if not newest:
        return
    title, _, rest = (importlib.import_module(f"benchmarks.{name}").__doc__ or "").partition("\n\n")
    yield f"## {title.partition(':')[0]}\n"
    yield f"{title.partition(':')[2].strip().capitalize()}\n"
    yield from _text(rest)
    if GOALS[name]:
        yield f"Goal: {GOALS[name]}.\n"
    yield from _cases(newest) if name == "cluster" else _table(name, newest)


def _text(rest: str) -> Iterator[str]:
    *paragraphs, command = rest.strip().split("\n\n")
    yield from (f"{paragraph}\n" for paragraph in paragraphs)
    yield f"```\n{command.strip()}\n```\n"


def _table(name: str, newest: dict[str, dict[str, Any]]) -> Iterator[str]:
    rows = list(newest.values())
    names = list(dict.fromkeys(what for row in rows for what in row["figures"]))
    yield _line("", *(row["variant"] for row in rows))
    yield _line("---", *("---:" for _ in rows))
    for figure in names:
        yield _line(figure, *(row["figures"].get(figure, "") for row in rows))
    if any(row["met"] is not None for row in rows):
        yield _line("goal", *(_verdict(row["met"]) for row in rows))
        yield _line("goal met in", *(_record(name, row["variant"]) for row in rows))
    yield _line("load before", *(f"{row['load']:.2f}" for row in rows))
    yield _line("when, commit", *(f"{row['at'][:16]}, {row['commit']}" for row in rows))
    yield f"\n{' / '.join(dict.fromkeys(row['machine'] for row in rows))}\n"


def _cases(newest: dict[str, dict[str, Any]]) -> Iterator[str]:
    head, *cases = page_rows(newest, partial(_record, "cluster"))
    yield _line(*head)
    yield _line(*("---" for _ in head))
    yield from (_line(*cells) for cells in cases)
    yield f"\n{' / '.join(dict.fromkeys(row['machine'] for row in newest.values()))}\n"


def _record(name: str, variant: str) -> str:
    kept = [row["met"] for row in results(name) if row["variant"] == variant and row["met"] is not None]
    return f"{sum(kept)} of {len(kept)} runs" if kept else ""


def _verdict(met: bool | None) -> str:
    return {True: "met", False: "**missed**", None: ""}[met]


def _line(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    PAGE.write_text(page().rstrip() + "\n")
