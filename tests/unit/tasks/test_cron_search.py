"""The questions a cron trigger answers, against searches so slow that they need no cleverness."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micro_integrator.tasks.triggers import Cron

HOUR, DAY = 3600, 86_400
ZONES = ["America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Nuuk", "Antarctica/Troll"]
CHANGES = {
    "America/New_York": ("2024-03-10T07:00Z", "2024-11-03T06:00Z"),
    "Europe/Berlin": ("2025-03-30T01:00Z", "2025-10-26T01:00Z"),
    "Australia/Lord_Howe": ("2024-10-05T15:30Z", "2024-04-06T15:00Z"),
    "America/Nuuk": ("2024-03-31T01:00Z", "2024-10-27T01:00Z"),
    "Antarctica/Troll": ("2024-03-31T01:00Z", "2024-10-27T01:00Z"),
}


def seconds(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())


@dataclass(frozen=True)
class Part:
    """A field as text, and the numbers it stands for."""

    text: str
    numbers: frozenset[int]


@st.composite
def items(draw: st.DrawFn, low: int, high: int) -> Part:
    first, last = draw(st.integers(low, high)), draw(st.integers(low, high))
    step = draw(st.integers(1, high))
    upwards = (
        list(range(first, last + 1)) if first <= last else [*range(first, high + 1), *range(low, last + 1)]
    )
    return draw(
        st.sampled_from(
            [
                Part("*", frozenset(range(low, high + 1))),
                Part(f"*/{step}", frozenset(range(low, high + 1, step))),
                Part(f"{first}", frozenset([first])),
                Part(f"{first}/{step}", frozenset(range(first, high + 1, step))),
                Part(f"{first}-{last}", frozenset(upwards)),
                Part(f"{first}-{last}/{step}", frozenset(upwards[::step])),
            ]
        )
    )


def fields(low: int, high: int) -> st.SearchStrategy[Part]:
    lists = st.lists(items(low, high), min_size=1, max_size=3)
    return lists.map(
        lambda parts: Part(",".join(p.text for p in parts), frozenset().union(*(p.numbers for p in parts)))
    )


def slow_fires(start: int, end: int, zone: str, matches: Callable[[datetime], bool]) -> list[int]:
    """Try every second in (start, end]; the first pass of a repeated hour does not count."""
    place, found = ZoneInfo(zone), []
    for second in range(start + 1, end + 1):
        local = datetime.fromtimestamp(second, place)
        if matches(local) and local.replace(fold=1).timestamp() == second:
            found.append(second)
    return found


def all_fires(cron: Cron, start: int, end: int) -> list[int]:
    found, fire = [], cron.next_after(start * 1000)
    while fire is not None and fire <= end * 1000:
        found.append(fire // 1000)
        fire = cron.next_after(fire)
    return found


@settings(max_examples=60)
@given(second=fields(0, 59), minute=fields(0, 59), hour=fields(0, 23), start=st.integers(0, 2 * DAY))
def test_times_of_day_are_those_of_a_search_second_by_second(
    second: Part, minute: Part, hour: Part, start: int
) -> None:
    cron = Cron(f"{second.text} {minute.text} {hour.text} * * ?", "UTC")
    start += seconds("2024-02-28T00:00Z")

    def matches(t: datetime) -> bool:
        return t.second in second.numbers and t.minute in minute.numbers and t.hour in hour.numbers

    end = start + HOUR
    assert all_fires(cron, start, end) == slow_fires(start, end, "UTC", matches)


@settings(max_examples=60)
@given(
    zone=st.sampled_from(ZONES),
    backwards=st.booleans(),
    minute=fields(0, 59),
    hour=fields(0, 23),
    before=st.integers(0, 3 * HOUR),
)
def test_around_a_change_of_the_clock_fires_are_those_of_a_search_second_by_second(
    zone: str, backwards: bool, minute: Part, hour: Part, before: int
) -> None:
    cron = Cron(f"10/25 {minute.text} {hour.text} * * ?", zone)
    start = seconds(CHANGES[zone][backwards]) - before

    def matches(t: datetime) -> bool:
        return t.second in (10, 35) and t.minute in minute.numbers and t.hour in hour.numbers

    end = start + 3 * HOUR
    assert all_fires(cron, start, end) == slow_fires(start, end, zone, matches)


def quartz_weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1


def is_last_in_month(day: date, distance: int = 0) -> bool:
    return (day + timedelta(distance + 1)).day == 1


def is_nearest_weekday(day: date, target: int) -> bool:
    """Whether of all weekdays in its month this day is the nearest to the target; ties do not happen."""
    in_month = [date(day.year, day.month, n) for n in range(1, 32) if is_date(day.year, day.month, n)]
    if target > len(in_month) or target < 1:
        return False
    working = [d for d in in_month if d.isoweekday() < 6]
    return day == min(working, key=lambda d: abs(d.day - target))


def is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def month_length(day: date) -> int:
    return next(n for n in (31, 30, 29, 28) if is_date(day.year, day.month, n))


DAY_RULES: dict[str, Callable[[date], bool]] = {
    "L * ?": lambda d: d.day == month_length(d),
    "L-4 * ?": lambda d: d.day == month_length(d) - 4,
    "L-29 * ?": lambda d: d.day == month_length(d) - 29,
    "LW * ?": lambda d: is_nearest_weekday(d, month_length(d)),
    "L-2W * ?": lambda d: is_nearest_weekday(d, month_length(d) - 2),
    "L-30W * ?": lambda d: is_nearest_weekday(d, month_length(d) - 30),
    "1W * ?": lambda d: is_nearest_weekday(d, 1),
    "15W * ?": lambda d: is_nearest_weekday(d, 15),
    "30W * ?": lambda d: is_nearest_weekday(d, 30),
    "31W 3-11 ?": lambda d: is_nearest_weekday(d, 31) and 3 <= d.month <= 11,
    "29 2 ?": lambda d: (d.month, d.day) == (2, 29),
    "30-2 * ?": lambda d: d.day in (30, 31, 1, 2),
    "? * MON-FRI": lambda d: d.isoweekday() < 6,
    "? * SAT-MON": lambda d: d.isoweekday() in (6, 7, 1),
    "? * L": lambda d: d.isoweekday() == 6,
    "? * 6L": lambda d: d.isoweekday() == 5 and d.day + 7 > month_length(d),
    "? * SUN#1": lambda d: d.isoweekday() == 7 and d.day <= 7,
    "? * 6#3": lambda d: d.isoweekday() == 5 and 14 < d.day <= 21,
    "? 2-10 3#5": lambda d: d.isoweekday() == 2 and d.day > 28 and 2 <= d.month <= 10,
}


@pytest.mark.parametrize("rule", DAY_RULES)
def test_days_are_those_of_a_walk_through_a_leap_cycle(rule: str) -> None:
    cron = Cron(f"0 0 12 {rule}", "UTC")
    noon = [datetime(2019, 1, 1, 12, tzinfo=UTC) + timedelta(n) for n in range(9 * 365)]
    expected = [int(t.timestamp()) for t in noon if DAY_RULES[rule](t.date())]
    assert all_fires(cron, seconds("2019-01-01T00:00Z"), int(noon[-1].timestamp())) == expected
    assert expected


CRONS = st.builds(
    Cron,
    st.sampled_from(["* * * * * ?", "0 0/7 * * * ?", "0 30 1-3 * * ?", "0 0 12 ? * MON", "0 0 0 LW * ?"]),
    st.sampled_from(["UTC", *ZONES]),
)
INSTANTS = st.integers(1_704_067_200_000, 1_767_225_600_000)  # 2024 and 2025


@given(CRONS, INSTANTS)
def test_the_next_fire_is_later_and_nothing_lies_in_between(cron: Cron, instant: int) -> None:
    fire = cron.next_after(instant)
    assert fire is not None
    assert fire > instant
    assert fire % 1000 == 0
    assert cron.next_after(fire - 1) == fire
    assert cron.next_after((instant + fire) // 2) == fire or instant + 1 == fire


@given(CRONS, INSTANTS, st.integers(1, 40))
def test_the_latest_fire_is_the_last_of_a_walk_from_one_to_the_next(
    cron: Cron, after: int, steps: int
) -> None:
    fires, fire = [], after
    for _ in range(steps):
        following = cron.next_after(fire)
        assert following is not None
        fires.append(fire := following)
    assert cron.latest_not_after(fires[-1], after) == fires[-1]
    assert cron.latest_not_after(fires[-1] + 999, after) == fires[-1]
    assert cron.latest_not_after(fires[-1] - 1, after) == (fires[-2] if steps > 1 else None)
    assert cron.count_between(after, fires[-1], 100) == steps
    assert cron.count_between(after, fires[-1] - 1, 100) == steps - 1
    assert cron.count_between(after, fires[-1], steps // 2) == steps // 2


@given(CRONS, INSTANTS, st.integers(0, 5 * DAY))
def test_a_count_is_the_length_of_the_walk(cron: Cron, after: int, length: int) -> None:
    limit, walk, fire = 3000, 0, cron.next_after(after)
    while fire is not None and fire <= after + length * 1000 and walk < limit:
        walk, fire = walk + 1, cron.next_after(fire)
    assert cron.count_between(after, after + length * 1000, limit) == walk


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("backwards", [False, True])
def test_a_count_knows_the_days_on_which_the_clock_is_changed(zone: str, backwards: bool) -> None:
    cron = Cron("0/20 3-50/3 * * * ?", zone)
    start = seconds(CHANGES[zone][backwards]) - 36 * HOUR + 100
    for hours in (30, 36, 37, 39, 72):
        fires = all_fires(cron, start, start + hours * HOUR)
        assert cron.count_between(start * 1000, (start + hours * HOUR) * 1000, 10**6) == len(fires)


def test_a_million_seconds_are_counted_at_once() -> None:
    cron = Cron("* * * * * ?", "UTC")
    start = seconds("2024-02-20T12:34:56Z") * 1000
    assert cron.count_between(start, start + 10**9, 10**7) == 10**6
    assert cron.count_between(start, start + 10**9, 999) == 999


def test_nothing_is_the_latest_of_an_empty_stretch() -> None:
    cron = Cron("0 0 12 * * ?", "UTC")
    noon = seconds("2024-05-05T12:00Z") * 1000
    assert cron.latest_not_after(noon, noon) is None
    assert cron.latest_not_after(noon - 1, noon) is None
    assert cron.count_between(noon, noon, 10) == 0


def test_the_latest_of_ten_years_of_seconds_is_found_at_once() -> None:
    cron = Cron("* * * * * ?", "Europe/Berlin")
    start, end = seconds("2015-01-01T00:00Z") * 1000, seconds("2025-01-01T00:00Z") * 1000
    assert cron.latest_not_after(end + 500, start) == end


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("0 0 0 30 2 ?", "UTC"),
        ("0 0 0 31 2,4,6,9,11 ?", "Europe/Berlin"),
        ("0 0 0 L-30 2 ?", "UTC"),
        ("0 0 0 ? 2 MON#5 2023", "UTC"),
        ("0 0 0 1 1 ? 2020", "UTC"),
        ("0 30 2 10 3 ? 2024", "America/New_York"),
    ],
)
def test_an_expression_without_a_future_never_fires(text: str, zone: str) -> None:
    cron = Cron(text, zone)
    now = seconds("2023-06-01T00:00Z") * 1000
    assert cron.never_fires(now)
    assert cron.next_after(now) is None
    assert cron.latest_not_after(now + 10**12, now) is None
    assert cron.count_between(now, now + 10**12, 5) == 0


def test_the_last_second_of_the_last_year_fires() -> None:
    cron = Cron("59 59 23 31 12 ? 2199", "UTC")
    last = seconds("2199-12-31T23:59:59Z") * 1000
    assert cron.next_after(0) == last
    assert cron.never_fires(last)


@pytest.mark.parametrize("instant", [-(2**63), -1, 0, 10**15, 2**63])
def test_an_instant_far_from_any_fire_is_answered(instant: int) -> None:
    fire = Cron("0 0 0 1 1 ?", "Asia/Kolkata").next_after(instant)
    assert fire is None or fire > instant


def test_milliseconds_of_the_start_do_not_matter() -> None:
    cron = Cron("* * * * * ?", "UTC")
    assert [cron.next_after(5_000 + ms) for ms in (0, 1, 999)] == [6_000] * 3
    assert cron.next_after(4_999) == 5_000


def test_during_the_first_pass_of_a_repeated_hour_nothing_fires() -> None:
    cron = Cron("0 0/30 * * * ?", "America/New_York")
    fires = all_fires(cron, seconds("2024-11-03T04:30Z"), seconds("2024-11-03T07:00Z"))
    shown = [datetime.fromtimestamp(fire, ZoneInfo("America/New_York")).isoformat()[11:] for fire in fires]
    assert shown == ["01:00:00-05:00", "01:30:00-05:00", "02:00:00-05:00"]
