"""What is accepted as a cron expression, and what the message says about the rest."""

from pathlib import Path

import pytest

from micro_integrator.tasks.triggers import Cron, TriggerError

GOLDEN = Path(__file__).parents[2] / "data" / "quartz" / "syntax.tsv"

IGNORED = "Quartz silently ignores a part of it and fires at other times than written"
NO_DAY = "there is no such day of the week; in Quartz it never fires"
NO_STEP = "a step of 0 is no step; Quartz takes 0/0 for 0 and */0 for *"
WIDE_STEP = "Quartz checks the size of a step except after a range; we always do"
FIRST_ONLY = "Quartz accepts the list and uses one of its items"
UNUSABLE = "Quartz accepts it and fails or hangs when it is used"
NO_YEAR = "outside of the years that Quartz documents; it never fires there"
CLEAR = "the meaning is clear, and Quartz refuses it for no reason"

STRICTER = {
    "0 0 0 * * ? * *": IGNORED,
    "0 0 0 * * ? * # every night": IGNORED,
    "0 0 0 ?5 * MON": IGNORED,
    "1-2-3 * * * * ?": IGNORED,
    "0 0 0 1 JANUARY ?": IGNORED,
    "0 0 0 ? * MONDAY": IGNORED,
    "0 0 0 ? * MONDAY-FRIDAY": IGNORED,
    "0 0 0 1 JAN/3 ?": IGNORED,
    "0 0 0 ? * MON/2": IGNORED,
    "0 0 0 ? * MON-FRI/2": IGNORED,
    "0 0 0 1 1 ? L": IGNORED,
    "0 0 0 ? * LW": IGNORED,
    "0 0 0 ? * L-3": IGNORED,
    "0 0 0 1-5W * ?": IGNORED,
    "0 0 0 ? * MON-FRIL": IGNORED,
    "*5 * * * * ?": IGNORED,
    "5* * * * * ?": IGNORED,
    "** * * * * ?": IGNORED,
    "1.5 * * * * ?": IGNORED,
    "1;2 * * * * ?": IGNORED,
    "0 0 0 ? * 0#1": NO_DAY,
    "0 0 0 ? * 8#1": NO_DAY,
    "*/0 * * * * ?": NO_STEP,
    "0/0 * * * * ?": NO_STEP,
    "5-10/0 * * * * ?": NO_STEP,
    "* * 8-18/24 * * ?": WIDE_STEP,
    "0-10/70 * * * * ?": WIDE_STEP,
    "0 0 0 15W,20 * ?": FIRST_ONLY,
    "0 0 0 1,15W * ?": FIRST_ONLY,
    "0 0 0 ? * 6#3,2": FIRST_ONLY,
    "0 0 0 ? * MON,6#3": FIRST_ONLY,
    "0 0 0 0W * ?": UNUSABLE,
    "L * * * * ?": UNUSABLE,
    "0 0 L * * ?": UNUSABLE,
    "0 0 0 1 L ?": UNUSABLE,
    ", * * * * ?": UNUSABLE,
    "0 0 0 1 1 ? 1969": NO_YEAR,
    "0 0 0 1 1 ? 2200": NO_YEAR,
}
"""Accepted by Quartz and refused by us, with the reason."""

MORE_LENIENT = {"0 0 0 ? * MON-6": CLEAR, "0 0 0 ? * 2-FRI": CLEAR}
"""Refused by Quartz and accepted by us, with the reason."""

VERDICTS = [
    tuple(line.split("\t"))
    for line in GOLDEN.read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def is_accepted(text: str) -> bool:
    try:
        Cron(text, "UTC")
    except TriggerError:
        return False
    return True


def test_the_verdict_is_that_of_quartz_except_where_we_know_better() -> None:
    stricter = {text for text, verdict in VERDICTS if verdict != "rejected" and not is_accepted(text)}
    more_lenient = {text for text, verdict in VERDICTS if verdict == "rejected" and is_accepted(text)}
    assert stricter == STRICTER.keys()
    assert more_lenient == MORE_LENIENT.keys()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("0 0 25 * * ?", "hour 25 is out of range 0-23"),
        ("0 60 * * * ?", "minute 60 is out of range 0-59"),
        ("0 0 0 0 * ?", "day-of-month 0 is out of range 1-31"),
        ("0 0 0 ? * 0", "day-of-week 0 is out of range 1-7"),
        ("0 0 0 1 1 ? 2200", "year 2200 is out of range 1970-2199"),
        ("0 0 0 1 FOO ?", "month 'FOO' cannot be read; "
         "allowed are 1-12 or JAN-DEC, ranges a-b, steps a/n, lists and *"),
        ("0 0 0 L,15 * ?", "day-of-month 'L' cannot be read; allowed are 1-31, ranges a-b, steps a/n, lists and *; "
         "alone: ?, L, L-3, LW, 15W"),
        ("5- * * * * ?", "second '5-' cannot be read; allowed are 0-59, ranges a-b, steps a/n, lists and *"),
        ("0 */90 * * * ?", "minute '*/90': step 90 is out of range 1-59"),
        ("0 0 0 1 JAN/3 ?", "month 'JAN/3': a step needs numbers in front of it, such as 1/3"),
        ("0 0 0 ? * 6#6", "day-of-week '6#6': number 6 after '#' is out of range 1-5"),
        ("0 0 0 L-31 * ?", "day-of-month 'L-31': offset 31 is out of range 0-30"),
        ("0 0 0 1 1 ? 2030-2020", "year range '2030-2020' runs backwards"),
        ("0 0 12 * * *", "exactly one of day-of-month '*' and day-of-week '*' must be '?'; write '?' as day-of-week"),
        ("0 0 12 * * MON", "exactly one of day-of-month '*' and day-of-week 'MON' must be '?'; "
         "write '?' as day-of-month"),
        ("0 0 12 ? * ?", "exactly one of day-of-month '?' and day-of-week '?' must be '?'"),
        ("0 0 12", "3 fields are given; allowed are 6 or 7: second minute hour day-of-month month day-of-week [year]"),
    ],
)  # fmt: skip
def test_the_message_names_the_field_and_what_is_allowed(text: str, problem: str) -> None:
    with pytest.raises(TriggerError) as caught:
        Cron(text, "UTC")
    assert str(caught.value) == f"cron '{text}': {problem}"
    assert caught.value.attribute == "cron"


@pytest.mark.parametrize(
    ("unix", "corrected"),
    [
        ("*/5 * * * *", "0 */5 * * * ?"),
        ("30 4 1 * *", "0 30 4 1 * ?"),
        ("0 12 * * 1-5", "0 0 12 ? * MON-FRI"),
        ("0 12 * * 0,6", "0 0 12 ? * SUN,SAT"),
        ("0 12 * * 7", "0 0 12 ? * SUN"),
        ("0 12 ? * mon", "0 0 12 ? * MON"),
    ],
)
def test_a_unix_expression_is_answered_with_its_correction(unix: str, corrected: str) -> None:
    with pytest.raises(TriggerError) as caught:
        Cron(unix, "UTC")
    assert str(caught.value) == f"cron '{unix}': the seconds field is missing; write '{corrected}'"
    Cron(corrected, "UTC")


def test_a_unix_expression_that_quartz_cannot_say_is_answered_with_the_fields() -> None:
    with pytest.raises(
        TriggerError, match="the seconds field is missing; six or seven fields are allowed: second"
    ):
        Cron("0 12 1 * 1", "UTC")


@pytest.mark.parametrize(
    "text", ["", "   ", "0" * 5000 + " 0 0 * * ?", "0 0 0 ? * 99999999999", "٣ * * * * ?", "\x00"]
)
def test_nonsense_is_refused_like_any_other_mistake(text: str) -> None:
    with pytest.raises(TriggerError):
        Cron(text, "UTC")


@pytest.mark.parametrize(
    "zone", ["", "America", "../etc/passwd", "/etc/localtime", "Mars/Olympus", "\x00", "a" * 5000]
)
def test_an_unknown_zone_is_refused(zone: str) -> None:
    with pytest.raises(TriggerError, match="is unknown") as caught:
        Cron("0 0 12 * * ?", zone)
    assert caught.value.attribute == "timezone"


def test_a_misspelt_zone_is_answered_with_the_nearest_one() -> None:
    with pytest.raises(TriggerError, match=r"did you mean 'Europe/Berlin'\?"):
        Cron("0 0 12 * * ?", "Europe/Berln")


def test_equal_texts_are_equal_triggers() -> None:
    assert Cron("0 0 12 * * ?", "UTC") == Cron("0 0 12 * * ?", "UTC")
    assert Cron("0 0 12 * * ?", "UTC") != Cron("0 0 12 * * ?", "Asia/Kolkata")
    assert len({Cron("0 0 12 * * ?", "UTC"), Cron("0 0 12 * * ?", "UTC")}) == 1
