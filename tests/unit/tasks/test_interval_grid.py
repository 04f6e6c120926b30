"""Intervals and single runs as arithmetic on keys."""

from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.tasks.triggers import Interval, Once, TriggerError

INTERVALS = st.builds(Interval, st.integers(1, 10**6))
INSTANTS = st.integers(0, 4 * 10**12)
KEYS = st.integers(0, 4 * 10**12)


@given(INTERVALS, INSTANTS, KEYS, st.integers(-(10**6), 10**6))
def test_the_key_at_the_instant_an_occurrence_is_due_is_its_own(
    interval: Interval, anchor: int, anchor_key: int, distance: int
) -> None:
    key = anchor_key + distance
    due = interval.due(anchor, anchor_key, key)
    assert interval.key_at(anchor, anchor_key, due) == key
    assert interval.key_at(anchor, anchor_key, due - 1) == key - 1


@given(INTERVALS, INSTANTS, KEYS, INSTANTS)
def test_the_newest_key_is_due_and_its_successor_is_not(
    interval: Interval, anchor: int, anchor_key: int, instant: int
) -> None:
    key = interval.key_at(anchor, anchor_key, instant)
    assert interval.due(anchor, anchor_key, key) <= instant < interval.due(anchor, anchor_key, key + 1)


def test_a_grid_goes_on_from_a_key_that_was_an_instant_of_a_cron_trigger() -> None:
    interval = Interval(30)
    anchor_key = 1_735_689_600_001
    assert interval.due(1_735_689_610_000, anchor_key, anchor_key + 2) == 1_735_689_670_000


def test_an_interval_counts_in_milliseconds() -> None:
    assert Interval(1).milliseconds == 1000
    assert Interval(5000.0).milliseconds == 5_000_000


@pytest.mark.parametrize("seconds", [0, -1, 0.5, 1.5, nan, inf, -inf, 1e300, 10**11])
def test_an_interval_is_a_whole_number_of_seconds_from_one_on(seconds: float) -> None:
    with pytest.raises(TriggerError, match="whole number of seconds") as caught:
        Interval(seconds)
    assert caught.value.attribute == "interval"


def test_a_count_is_not_negative() -> None:
    with pytest.raises(TriggerError) as caught:
        Interval(1, -1)
    assert caught.value.attribute == "count"


def test_once_is_one_occurrence() -> None:
    assert Once().count == 1
    assert Once().milliseconds == 1000
    assert Once() == Once()
