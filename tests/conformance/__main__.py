"""Tries every case of a corpus and writes one line of JSON for each.

python -m conformance CORPUS REPORT [SET ...]

CORPUS is the folder that holds artifacts.jsonl and cases/, or one that holds it as synapse/. Exit status 0 when the
report is whole, whatever stands in it; 2 when it cannot be begun.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from conformance.corpus import Corpus, corpus_in
from conformance.sets import SETS, sets

WHOLE, USAGE = 0, 2


def main(arguments: list[str]) -> int:
    """Write the report and print how many cases passed, failed and were skipped."""
    if len(arguments) < 2 or not Path(arguments[0]).is_dir():
        print(__doc__, file=sys.stderr)
        return USAGE
    folder, report, *chosen = arguments
    if unknown := [name for name in chosen if name not in SETS]:
        print(f"no set '{unknown[0]}': expected {', '.join(SETS)}", file=sys.stderr)
        return USAGE
    corpus = corpus_in(Path(folder).resolve())
    try:
        lines = _opened(Path(report))
    except OSError as error:
        print(f"the report cannot be written: {error}", file=sys.stderr)
        return USAGE
    with lines:
        tried = _write(corpus, chosen or SETS, lines)
    if not tried:
        print(f"no cases in {corpus.root}: expected artifacts.jsonl or cases/*.jsonl", file=sys.stderr)
    return WHOLE


def _opened(report: Path) -> TextIO:
    """Open the report, line by line, so that what is known is not lost when the run is ended."""
    report.parent.mkdir(parents=True, exist_ok=True)
    return report.open("w", encoding="utf-8", errors="backslashreplace", buffering=1)


def _write(corpus: Corpus, chosen: Iterable[str], lines: TextIO) -> int:
    """Try the sets; returns how many cases there were."""
    total = 0
    with tempfile.TemporaryDirectory(prefix="mi-conformance-", ignore_cleanup_errors=True) as homes:
        known = sets(corpus, Path(homes))
        for name in chosen:
            counts: Counter[str] = Counter()
            for verdict in known[name]():
                counts[verdict.outcome] += 1
                lines.write(f"{verdict.line}\n")
            print(
                f"{name}: {counts['pass']} passed, {counts['fail']} failed, {counts['skip']} skipped",
                flush=True,
            )
            total += counts.total()
    return total


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
