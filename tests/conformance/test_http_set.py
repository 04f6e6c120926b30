"""The HTTP cases of the conformance corpus, played against a node: no case fails without a known reason."""

from pathlib import Path

import pytest
from conformance.corpus import ABSENT, USUAL
from conformance.sets import sets, surprises

pytestmark = pytest.mark.skipif(not USUAL.player.is_file(), reason=ABSENT)


def test_no_http_case_is_a_surprise(tmp_path: Path) -> None:
    verdicts = list(sets(USUAL, tmp_path)["http"]())
    assert any(one.outcome == "pass" for one in verdicts)
    found = surprises(verdicts)
    assert not found, "\n".join(["", *found])
