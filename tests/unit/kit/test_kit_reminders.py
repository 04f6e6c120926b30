"""Standing trouble is told at once, then once in a while."""

from micro_integrator.kit import Reminders


def test_a_trouble_is_told_at_once_and_again_when_its_time_is_over() -> None:
    reminders = Reminders(every=60.0)
    assert reminders.is_due(0.0)
    assert not reminders.is_due(59.9)
    assert reminders.is_due(60.0)
    assert not reminders.is_due(119.9)


def test_each_trouble_has_a_time_of_its_own() -> None:
    reminders = Reminders(every=60.0)
    assert reminders.is_due(0.0, "disk")
    assert reminders.is_due(30.0, ("disk", "task"))
    assert not reminders.is_due(59.0, "disk")
    assert reminders.is_due(61.0, "disk")
    assert not reminders.is_due(61.0, ("disk", "task"))


def test_of_too_many_troubles_those_told_longest_ago_are_forgotten() -> None:
    reminders = Reminders(every=60.0, most=2)
    assert reminders.is_due(0.0, "a")
    assert reminders.is_due(1.0, "b")
    assert reminders.is_due(2.0, "c")
    assert not reminders.is_due(3.0, "b")
    assert reminders.is_due(3.0, "a")
