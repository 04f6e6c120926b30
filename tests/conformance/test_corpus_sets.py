"""Every set of the conformance corpus that needs no server: no case fails without a known reason."""

from pathlib import Path

import pytest
from conformance.corpus import ABSENT, USUAL
from conformance.deviations import LISTED
from conformance.sets import sets, surprises

pytestmark = pytest.mark.skipif(not USUAL.root.is_dir(), reason=ABSENT)


@pytest.mark.parametrize("name", ["artifacts", "unit", "snippets"])
def test_no_case_of_a_set_is_a_surprise(name: str, tmp_path: Path) -> None:
    verdicts = list(sets(USUAL, tmp_path)[name]())
    assert any(one.outcome == "pass" for one in verdicts)
    found = surprises(verdicts)
    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize("case", LISTED)
def test_every_case_with_a_known_reason_exists(case: str) -> None:
    files = ("artifacts.jsonl", "cases/unit.jsonl", "cases/snippets.jsonl", "cases/http.jsonl")
    assert any(row["id"] == case for file in files for row in USUAL.rows(file))
