"""The wire is complete at once, and incomplete only when somebody stays away."""

from micro_integrator.cluster.wire.completeness import Completeness


def test_nobody_missing_is_complete_at_once_and_said_once() -> None:
    wire = Completeness(patience=2.0)
    assert wire.note([], 0.0)
    assert wire.is_complete
    assert not wire.note([], 1.0)


def test_a_short_absence_changes_nothing() -> None:
    wire = Completeness(patience=2.0)
    wire.note([], 0.0)
    assert not wire.note(["node-2"], 1.0)
    assert not wire.note(["node-2"], 2.9)
    assert not wire.note([], 2.95)
    assert not wire.note(["node-2"], 3.5)
    assert wire.is_complete


def test_an_absence_of_two_seconds_is_said_once_and_so_is_its_end() -> None:
    wire = Completeness(patience=2.0)
    wire.note([], 0.0)
    wire.note(["node-2"], 1.0)
    assert wire.note(["node-3"], 3.0)
    assert not wire.is_complete
    assert not wire.note(["node-3"], 4.0)
    assert wire.note([], 5.0)
    assert wire.is_complete


def test_a_wire_that_never_was_complete_is_said_to_be_incomplete_after_the_patience() -> None:
    wire = Completeness(patience=2.0)
    assert not wire.note(["node-2"], 0.0)
    assert wire.note(["node-2"], 2.0)
    assert not wire.is_complete
