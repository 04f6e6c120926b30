"""Tries every case of a corpus and writes one line of JSON for each.

python -m conformance CORPUS REPORT [SET ...]

Exit status 0 when the report is whole, whatever stands in it; 2 when there is nothing to try.
"""

import sys
import tempfile
from collections import Counter
from pathlib import Path

from conformance.corpus import Corpus
from conformance.sets import sets

WHOLE, USAGE = 0, 2


def main(arguments: list[str]) -> int:
    """Write the report and print how many cases passed, failed and were skipped."""
    if len(arguments) < 2 or not Path(arguments[0]).is_dir():
        print(__doc__, file=sys.stderr)
        return USAGE
    folder, report, *chosen = arguments
    with (
        tempfile.TemporaryDirectory(prefix="mi-conformance-") as homes,
        Path(report).open("w", encoding="utf-8") as lines,
    ):
        known = sets(Corpus(Path(folder).resolve()), Path(homes))
        for name in chosen or known:
            if name not in known:
                print(f"no set '{name}': expected {', '.join(known)}", file=sys.stderr)
                return USAGE
            counts: Counter[str] = Counter()
            for verdict in known[name]():
                counts[verdict.outcome] += 1
                lines.write(f"{verdict.line}\n")
            print(f"{name}: {counts['pass']} passed, {counts['fail']} failed, {counts['skip']} skipped")
    return WHOLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
