"""Figures: how fast the product is on this machine, measured on real nodes and real databases.

Each script says in its first lines what it measures, how to run it and in which units. Run them from the checkout as
modules, with the Python environment of the tests:

    .venv-test/bin/python -m benchmarks.fires --database postgresql

A run adds one line to `results/<script>.jsonl`, with date, commit and the load of the machine before the run;
`python -m benchmarks.render` makes docs/measurements.md out of these files.
"""

import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]

sys.path.insert(0, str(CHECKOUT / "tests"))  # private database servers and nodes are those of the tests
