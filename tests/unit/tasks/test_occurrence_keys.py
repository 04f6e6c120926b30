"""Which key is next, when it is due, and what is passed over: the rules of occurrence keys."""

from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.tasks.occurrence import (
    FUTURE_KEY_MS,
    OVERDUE_MS,
    Gap,
    Occurrence,
    Progress,
    is_ahead,
    next_occurrence,
)
from micro_integrator.tasks.task import Misfire
from micro_integrator.tasks.triggers import Cron, Interval

NOW = 1_750_000_000_000
EVERY_SECOND = Interval(1)
EVERY_HOUR = Interval(3600)
AT_TEN = Cron("0 0 10 * * ?", "UTC")
TEN_TODAY = 1_749_981_600_000
DAY = 86_400_000


def fresh(last_key: int = -1) -> Progress:
    return Progress(last_key, None, None, 0)


def test_a_new_interval_task_is_due_at_once_and_begins_its_grid() -> None:
    assert next_occurrence(EVERY_SECOND, fresh(), NOW, "skip") == Occurrence(0, NOW, anchor_at=NOW)


def test_tasks_started_together_begin_at_different_moments() -> None:
    found = next_occurrence(EVERY_SECOND, fresh(), NOW, "skip", spread_ms=250)
    assert found == Occurrence(0, NOW + 250, anchor_at=NOW + 250)


def test_the_next_key_is_due_one_interval_later_on_the_same_grid() -> None:
    progress = Progress(7, NOW - 7300, 0, 8)
    assert next_occurrence(EVERY_SECOND, progress, NOW, "skip") == Occurrence(8, NOW + 700)


def test_a_late_occurrence_still_fires_when_no_newer_one_is_due() -> None:
    progress = Progress(0, NOW - 3_630_000, 0, 1)
    assert next_occurrence(EVERY_HOUR, progress, NOW, "skip") == Occurrence(1, NOW - 30_000)


def test_a_burst_of_missed_fires_becomes_one_fire_and_a_named_gap() -> None:
    progress = Progress(10, NOW - 20_500, 0, 11)
    assert next_occurrence(EVERY_SECOND, progress, NOW, "skip") == Occurrence(
        20, NOW - 500, gap=Gap(9, 11, 19)
    )


def test_an_overdue_key_is_passed_over_while_running() -> None:
    progress = Progress(0, NOW - 3_700_000, 0, 1)
    assert next_occurrence(EVERY_HOUR, progress, NOW, "skip") == Occurrence(
        2, NOW + 3_500_000, gap=Gap(1, 1, 1)
    )


def test_an_overdue_key_is_made_up_once_after_a_long_stop() -> None:
    progress = Progress(0, NOW - 3 * 3_600_000 - 100_000, 0, 1)
    assert next_occurrence(EVERY_HOUR, progress, NOW, "fire_once") == Occurrence(
        3, NOW - 100_000, gap=Gap(2, 1, 2)
    )


def test_a_database_clock_set_back_begins_a_new_grid() -> None:
    progress = Progress(50, NOW, 0, 51)
    assert next_occurrence(EVERY_SECOND, progress, NOW, "skip") == Occurrence(51, NOW, anchor_at=NOW)


def test_a_former_cron_task_goes_on_from_its_last_key() -> None:
    found = next_occurrence(EVERY_SECOND, fresh(last_key=NOW), NOW + 5, "skip")
    assert found == Occurrence(NOW + 1, NOW + 5, anchor_at=NOW + 5)


def test_a_new_cron_task_has_missed_nothing() -> None:
    found = next_occurrence(AT_TEN, fresh(), NOW, "fire_once")
    assert found == Occurrence(TEN_TODAY + DAY, TEN_TODAY + DAY, anchor_at=TEN_TODAY + DAY)


def test_a_cron_task_moved_after_its_time_does_not_fire_before_the_next_day() -> None:
    progress = Progress(TEN_TODAY, TEN_TODAY, TEN_TODAY, 1)
    found = next_occurrence(AT_TEN, progress, TEN_TODAY + 300_000, "skip")
    assert found == Occurrence(TEN_TODAY + DAY, TEN_TODAY + DAY)


def test_missed_cron_times_are_skipped_and_counted() -> None:
    progress = Progress(TEN_TODAY - 3 * DAY, TEN_TODAY, TEN_TODAY, 1)
    found = next_occurrence(AT_TEN, progress, TEN_TODAY + 2 * OVERDUE_MS, "skip")
    assert found == Occurrence(TEN_TODAY + DAY, TEN_TODAY + DAY, gap=Gap(3, TEN_TODAY - 2 * DAY, TEN_TODAY))


def test_missed_cron_times_are_made_up_by_one_run_when_asked_for() -> None:
    progress = Progress(TEN_TODAY - 3 * DAY, TEN_TODAY, TEN_TODAY, 1)
    found = next_occurrence(AT_TEN, progress, TEN_TODAY + 2 * OVERDUE_MS, "fire_once")
    assert found == Occurrence(TEN_TODAY, TEN_TODAY, gap=Gap(2, TEN_TODAY - 2 * DAY, TEN_TODAY - DAY))


def test_a_cron_key_far_in_the_future_needs_an_operator() -> None:
    assert is_ahead(AT_TEN, Progress(NOW + FUTURE_KEY_MS + 1, NOW, NOW, 1), NOW)
    assert not is_ahead(AT_TEN, Progress(NOW + FUTURE_KEY_MS, NOW, NOW, 1), NOW)
    assert not is_ahead(EVERY_SECOND, Progress(NOW + 2 * FUTURE_KEY_MS, NOW, 0, 1), NOW)


triggers = st.sampled_from(
    [
        EVERY_SECOND,
        Interval(7),
        EVERY_HOUR,
        AT_TEN,
        Cron("*/10 * * * * ?", "UTC"),
        Cron("0 0 0 29 2 ?", "UTC"),
    ]
)
policies: st.SearchStrategy[Misfire] = st.sampled_from(["skip", "fire_once"])


@given(triggers, policies, st.lists(st.integers(0, 200_000), min_size=1, max_size=30))
def test_keys_strictly_increase_and_every_key_is_run_or_counted(
    trigger: Interval | Cron, misfire: Misfire, waits: list[int]
) -> None:
    progress, now = fresh(), NOW
    for wait in waits:
        found = next_occurrence(trigger, progress, now, misfire)
        if found is None:
            return
        assert found.key > progress.last_key
        if found.gap is not None:
            assert progress.last_key < found.gap.first <= found.gap.last < found.key
            if isinstance(trigger, Interval):
                assert found.gap.first == progress.last_key + 1
                assert found.gap.last == found.key - 1
                assert found.gap.count == found.gap.last - found.gap.first + 1
        elif isinstance(trigger, Interval):
            assert found.key == progress.last_key + 1
        now = max(now, found.due_ms) + wait
        progress.last_key = found.key
        if found.anchor_at is not None:
            progress.anchor_at, progress.anchor_key = found.anchor_at, found.key
