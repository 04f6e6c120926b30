"""From the attributes of <trigger> to a trigger and its number of runs."""

import pytest

from micro_integrator.tasks.triggers import Cron, Interval, Once, Trigger, TriggerError, read_trigger

NOON = "0 0 12 * * ?"


@pytest.mark.parametrize(
    ("attributes", "trigger", "count"),
    [
        ({}, Once(), 1),
        ({"once": "true"}, Once(), 1),
        ({"once": "false"}, Once(), 1),
        ({"once": "yes", "interval": "5"}, Interval(5), None),
        ({"once": "true", "count": "0"}, Once(), 1),
        ({"once": "true", "count": "7", "interval": "5"}, Once(), 1),
        ({"interval": "5"}, Interval(5), None),
        ({"interval": "5000"}, Interval(5000), None),
        ({"interval": "5", "count": "-1"}, Interval(5), None),
        ({"interval": "5", "count": "0"}, Interval(5, 0), 0),
        ({"interval": "5", "count": "3"}, Interval(5, 3), 3),
        ({"count": "1"}, Once(), 1),
        ({"count": "-1"}, Once(), 1),
        ({"count": "0"}, Once(), 0),
        ({"cron": NOON}, Cron(NOON, "Asia/Kolkata"), None),
        ({"cron": NOON, "count": "5"}, Cron(NOON, "Asia/Kolkata"), None),
        ({"cron": NOON, "count": "0"}, Cron(NOON, "Asia/Kolkata"), 0),
        ({"cron": NOON, "once": "false"}, Cron(NOON, "Asia/Kolkata"), None),
        ({"interval": "5", "sort": "of"}, Interval(5), None),
    ],
)
def test_attributes_become_a_trigger(attributes: dict[str, str], trigger: Trigger, count: int | None) -> None:
    assert read_trigger(attributes, "Asia/Kolkata") == (trigger, count)


BOTH = "Trigger syntax error : both cron and simple trigger attributes are present"
NO_INTERVAL = "Trigger seems to be a simple trigger, but no interval specified"


@pytest.mark.parametrize(
    ("attributes", "attribute", "message"),
    [
        ({"interval": "0"}, "interval", "interval 0 is not allowed"),
        ({"interval": "-5"}, "interval", "interval -5 is not allowed"),
        ({"interval": "0.5"}, "interval", "interval '0.5' is not a whole number of seconds"),
        ({"interval": "5s"}, "interval", "interval '5s' is not a whole number of seconds"),
        ({"interval": ""}, "interval", "interval '' is not a whole number of seconds"),
        ({"interval": "1e3"}, "interval", "interval '1e3' is not a whole number of seconds"),
        ({"interval": "9" * 18}, "interval", "is not allowed"),
        ({"interval": "9" * 9999}, "interval", "is not a whole number of seconds"),
        ({"interval": "5", "count": "-2"}, "count", "count '-2' is not allowed"),
        ({"interval": "5", "count": "two"}, "count", "count 'two' is not allowed"),
        ({"interval": "5", "count": "9999999999"}, "count", "is not allowed"),
        ({"count": "2"}, "interval", NO_INTERVAL),
        ({"count": "x", "cron": "nonsense"}, "count", "count 'x' is not allowed"),
        ({"cron": NOON, "interval": "5"}, "cron", BOTH),
        ({"cron": NOON, "once": "true"}, "cron", BOTH),
        ({"cron": ""}, "cron", "0 fields are given"),
        ({"cron": "0 12 * * *"}, "cron", "the seconds field is missing"),
    ],
)
def test_a_trigger_that_cannot_be_scheduled_names_the_attribute(
    attributes: dict[str, str], attribute: str, message: str
) -> None:
    with pytest.raises(TriggerError) as caught:
        read_trigger(attributes, "UTC")
    assert message in str(caught.value)
    assert caught.value.attribute == attribute


def test_the_zone_of_an_interval_does_not_matter() -> None:
    assert read_trigger({"interval": "5"}, "Mars/Olympus") == (Interval(5), None)
