"""What the sink makes of arrivals: silences, and owners of one task that were there at once."""

import pytest
from harness import Arrival, Sink


@pytest.fixture
def sink() -> Sink:
    """Books without a server's thread."""
    opened = Sink()
    opened._server.server_close()
    return opened


def arrival(key: int, node: str, fence: int, at: float, ended: float) -> Arrival:
    return Arrival("beat", key, None, fence, node, redelivered=False, at=at, ended=ended)


def test_owners_that_follow_each_other_are_no_rivals(sink: Sink) -> None:
    sink.arrivals += [arrival(0, "a", 1, 0, 0.5), arrival(1, "a", 1, 1, 1.5), arrival(2, "b", 2, 2, 2.5)]
    assert [tenure.node for tenure in sink.tenures("beat")] == ["a", "b"]
    assert sink.rivals("beat") == []


def test_an_owner_that_returns_after_its_heir_is_a_rival(sink: Sink) -> None:
    sink.arrivals += [arrival(0, "a", 1, 0, 0.5), arrival(1, "b", 2, 1, 1.5), arrival(2, "a", 1, 2, 2.5)]
    [(one, other)] = sink.rivals("beat")
    assert (one.node, one.since, one.until) == ("a", 0, 2.5)
    assert (other.node, other.since, other.until) == ("b", 1, 1.5)
    assert sink.overlaps("beat") == [], "their bodies were never there at once"


def test_a_silence_counts_from_the_beginning_and_to_the_end_of_the_time_looked_at(sink: Sink) -> None:
    sink.arrivals += [arrival(key, "a", 1, at, at) for key, at in enumerate((1.0, 2.0, 6.0))]
    assert sink.longest_silence("beat", 0, 7) == 4
    assert sink.longest_silence("beat", 0, 5) == 3
    assert sink.longest_silence("beat", 6.5, 16.5) == 10
