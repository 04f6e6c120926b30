"""Dates by the pattern letters of Java."""

import time
from collections.abc import Iterator

import pytest

from micro_integrator.synapse.expressions import EvaluationError, compile_expression
from micro_integrator.synapse.expressions.java_date_parsing import parse_moment
from micro_integrator.synapse.expressions.java_dates import at, format_moment
from micro_integrator.synapse.message import Message

SUNDAY = 1705241106789  # 2024-01-14 14:05:06.789 UTC


@pytest.fixture(params=["UTC"])
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy-MM-dd'T'HH:mm:ss.SSS", "2024-01-14T14:05:06.789"),
        ("d.M.yy", "14.1.24"),
        ("uuuu/DDD", "2024/014"),
        ("EEE, dd MMM yyyy", "Sun, 14 Jan 2024"),
        ("EEEE d MMMM", "Sunday 14 January"),
        ("MMMMM EEEEE", "J S"),
        ("hh:mm a", "02:05 PM"),
        ("K k h H", "2 14 2 14"),
        ("SSSSSS n", "789000 789000000"),
        ("S", "7"),
        ("QQQ QQQQ Q", "Q1 1st quarter 1"),
        ("YYYY-'W'ww", "2024-W03"),
        ("W e F", "3 1 2"),
        ("G GGGG", "AD Anno Domini"),
        ("A", "50706789"),
        ("XXX X xxx Z ZZZZZ O z", "Z Z +00:00 +0000 Z GMT UTC"),
        ("h 'o''clock'", "2 o'clock"),
        ("yyyy''MM", "2024'01"),
    ],
)
def test_moments_are_written(zone: str, pattern: str, text: str) -> None:
    assert format_moment(at(SUNDAY), pattern) == text


@pytest.mark.parametrize("zone", ["Asia/Kolkata"], indirect=True)
def test_a_zone_shows_its_offset(zone: str) -> None:
    assert format_moment(at(SUNDAY), "HH:mm XXX X Z O OOOO") == "19:35 +05:30 +0530 +0530 GMT+5:30 GMT+05:30"


@pytest.mark.parametrize("zone", ["America/New_York"], indirect=True)
def test_a_zone_behind_utc_has_a_minus(zone: str) -> None:
    assert format_moment(at(SUNDAY), "HH:mm x xx xxx O") == "09:05 -05 -0500 -05:00 GMT-5"


@pytest.mark.parametrize(
    ("text", "old", "new", "expected"),
    [
        ("2024-02-29 13:14:15", "yyyy-MM-dd HH:mm:ss", "dd/MM/yy hh.mm a", "29/02/24 01.14 PM"),
        ("29 Feb 2024", "dd MMM yyyy", "yyyyMMdd", "20240229"),
        ("20240229", "yyyyMMdd", "yyyy-DDD", "2024-060"),
        ("2024-060", "yyyy-DDD", "d MMMM", "29 February"),
        ("Thu 29/2/24", "EEE d/M/yy", "yyyy-MM-dd", "2024-02-29"),
        ("2023-02-30", "yyyy-MM-dd", "yyyy-MM-dd", "2023-02-28"),
        ("07:08", "HH:mm", "h:mm a", "7:08 AM"),
        ("12:30 AM", "hh:mm a", "HH:mm:ss", "00:30:00"),
        (
            "2024-01-02T03:04:05.678+05:30",
            "yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
            "HH:mm:ss.SSS XXX",
            "03:04:05.678 +05:30",
        ),
        ("2024-01-02T03:04:05Z", "yyyy-MM-dd'T'HH:mm:ssX", "x", "+00"),
    ],
)
def test_texts_are_read_and_written_anew(text: str, old: str, new: str, expected: str) -> None:
    assert format_moment(parse_moment(text, old), new) == expected


@pytest.mark.parametrize(
    ("text", "old", "new"),
    [
        ("2024-13-01", "yyyy-MM-dd", "yyyy"),
        ("2024-01-32", "yyyy-MM-dd", "yyyy"),
        ("25:00", "HH:mm", "HH"),
        ("2024", "yyyy", "yyyy"),
        ("x", "yyyy", "yyyy"),
        ("2024-01-01", "yyyy-MM-dd", "HH"),
        ("10:00", "HH:mm", "dd"),
        ("10:00", "HH:mm", "XXX"),
        ("2024-01-01", "yyyy-MM-dd", "yyyy 'open"),
        ("2024-01-01", "yyyy-MM-dd", "J"),
        ("10:10", "HH:HH", "HH"),
    ],
)
def test_what_makes_no_sense_is_an_evaluation_error(text: str, old: str, new: str) -> None:
    with pytest.raises(EvaluationError):
        format_moment(parse_moment(text, old), new)


def test_the_function_takes_milliseconds_or_two_patterns(zone: str) -> None:
    message = Message()
    message.variables["ms"] = SUNDAY
    assert compile_expression("${formatDateTime(vars.ms, 'yyyy-MM-dd')}", {}).text(message) == "2024-01-14"
    shown = compile_expression("${formatDateTime('14.01.2024', 'dd.MM.yyyy', 'MMM d')}", {})
    assert shown.text(message) == "Jan 14"
    assert compile_expression("${formatDateTime('14.01.2024', 'yyyy', 'MMM d')}", {}).text(message) == ""


def test_a_moment_beyond_the_calendar_is_an_evaluation_error() -> None:
    with pytest.raises(EvaluationError, match="beyond the calendar"):
        at(10**18)
