"""Owners are judged by when their bodies began, not by when their calls arrived."""

import time
from collections.abc import Iterator
from urllib.request import urlopen

import pytest
from harness.witness import Witness

HOUR = 3600.0


@pytest.fixture
def witness() -> Iterator[Witness]:
    """A sink that knows when bodies began."""
    with Witness() as opened:
        yield opened


def tell(witness: Witness, node: str, fence: int, *, ago: float = 0.0, ahead: float = 0.0) -> None:
    """Call as a body of `node` that began `ago` seconds before, by a wall clock that is `ahead`."""
    began_ms = round((time.time() - ago + ahead) * 1000)
    call = f"{witness.url}/fired?node={node}&began={began_ms}&task=beat&fence={fence}"
    with urlopen(call) as answer:
        assert answer.status == 200


def test_a_call_that_was_held_up_makes_no_rival_of_its_owner(witness: Witness) -> None:
    tell(witness, "node-2", fence=8)
    tell(witness, "node-1", fence=7, ago=5.0)
    assert witness.overlaps_of_owners() == []


def test_an_owner_that_begins_a_body_after_its_successor_has_is_a_rival(witness: Witness) -> None:
    tell(witness, "node-1", fence=7, ago=3.0)
    tell(witness, "node-2", fence=8, ago=2.0)
    tell(witness, "node-1", fence=7, ago=0.5)
    [overlap] = witness.overlaps_of_owners()
    assert (overlap.earlier, overlap.later) == ("node-1", "node-2")
    assert overlap.until - overlap.since == pytest.approx(1.5, abs=0.3)


@pytest.mark.parametrize("shift", [HOUR, -HOUR])
def test_a_wall_clock_that_was_set_tells_the_same_moments(witness: Witness, shift: float) -> None:
    witness.shifts = {"node-1": {0.0, shift}}
    tell(witness, "node-1", fence=7, ago=3.0, ahead=shift)
    tell(witness, "node-2", fence=8, ago=2.0)
    assert witness.overlaps_of_owners() == []
    tell(witness, "node-1", fence=7, ahead=shift)
    assert len(witness.overlaps_of_owners()) == 1
