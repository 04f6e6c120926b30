"""Fire times against the table that Quartz 2.3 wrote (tests/data/quartz)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from micro_integrator.tasks.triggers import Cron

GOLDEN = Path(__file__).parents[2] / "data" / "quartz" / "fires.tsv"
END_IN_UTC = 1_924_992_000_000  # 2031-01-01: the table ends here
END_ELSEWHERE = 1_767_225_600_000  # 2026-01-01: later, the rules of a zone may still be changed

# Where we differ on purpose. Quartz' answer to "when next?" depends on when it is asked in the first pass of a
# repeated hour: it forgets what fires in the second pass before the time shown at that moment. We forget nothing.
REPEATED = {
    ("America/New_York", "2018-11-04T05:35:00Z"),
    ("America/New_York", "2024-11-03T05:35:00Z"),
    ("Europe/Berlin", "2025-10-26T00:35:00Z"),
    ("Europe/London", "2024-10-27T00:35:00Z"),
    ("Australia/Lord_Howe", "2024-04-06T14:35:00Z"),
    ("America/Sao_Paulo", "2018-02-18T01:35:00Z"),
    ("Africa/Casablanca", "2024-03-10T01:35:00Z"),
    ("America/Nuuk", "2024-10-27T00:35:00Z"),
    ("Antarctica/Troll", "2024-10-27T00:35:00Z"),
}
# When the clock jumps over two hours, half an hour, or over the last hour of a day, Quartz lands behind the end of the
# gap, up to a day late, and what is due in between is lost. We go on at the end of the gap.
JUMPED = {
    ("America/Nuuk", "2024-03-29T23:00:00Z"),
    ("America/Nuuk", "2024-03-30T22:50:00Z"),
    ("America/Nuuk", "2024-03-31T00:35:00Z"),
    ("Antarctica/Troll", "2024-03-30T22:50:00Z"),
    ("Antarctica/Troll", "2024-03-31T00:35:00Z"),
    ("Asia/Pyongyang", "2018-05-03T13:00:00Z"),
    ("Asia/Pyongyang", "2018-05-04T12:50:00Z"),
    ("Asia/Pyongyang", "2018-05-04T14:35:00Z"),
    ("Australia/Lord_Howe", "2024-10-05T13:20:00Z"),
    ("Australia/Lord_Howe", "2024-10-05T15:05:00Z"),
}
# In a month of 30 days Quartz looks for the weekday nearest to the first of the next month and may come back to the
# 30th. For us a month without a 31st has no fire, as for a plain 31.
SHORT_MONTH = {"0 0 9 31W * ?"}


@dataclass(frozen=True)
class Row:
    expression: str
    zone: str
    start: str
    fires: tuple[int, ...]
    ends: bool

    @property
    def start_ms(self) -> int:
        return int(datetime.fromisoformat(self.start).timestamp()) * 1000

    @property
    def differs(self) -> bool:
        place = self.zone, self.start
        return place in REPEATED or place in JUMPED or self.expression in SHORT_MONTH

    def ours(self, until: int | None = None) -> Iterator[int]:
        until = until or (END_IN_UTC if self.zone == "UTC" else END_ELSEWHERE)
        cron = Cron(self.expression, self.zone)
        fire = cron.next_after(self.start_ms)
        while fire is not None and fire <= until:
            yield fire
            fire = cron.next_after(fire)


def read_rows() -> Iterator[Row]:
    for line in GOLDEN.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        expression, zone, start, distances = line.split("\t")
        instant = int(datetime.fromisoformat(start).timestamp()) * 1000
        fires = []
        for run in distances.replace("never", "").split():
            distance, _, times = run.partition("x")
            for _ in range(int(times or 1)):
                instant += int(distance) * 1000
                fires.append(instant)
        yield Row(expression, zone, start, tuple(fires), ends="never" in distances)


ROWS = list(read_rows())


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert len({row.expression for row in ROWS}) >= 120
    assert len({row.zone for row in ROWS}) >= 7
    assert len(ROWS) > 3000


def test_fires_are_those_of_quartz() -> None:
    wrong = []
    for row in ROWS:
        if not row.differs:
            ours = tuple(fire for fire, _ in zip(row.ours(), range(10), strict=False))
            if ours != row.fires:
                wrong.append(row)
    assert wrong == []


def test_an_expression_ends_where_it_ends_for_quartz() -> None:
    ended = [row for row in ROWS if row.ends]
    assert ended
    for row in ended:
        last = row.fires[-1] if row.fires else row.start_ms
        assert Cron(row.expression, row.zone).never_fires(last), row


@pytest.mark.parametrize(("zone", "start"), sorted(REPEATED | JUMPED))
def test_where_quartz_loses_fires_ours_has_them_all(zone: str, start: str) -> None:
    more = 0
    for row in ROWS:
        if (row.zone, row.start) == (zone, start) and row.fires:
            ours = set(row.ours(until=row.fires[-1]))
            assert ours >= set(row.fires), row
            more += len(ours) - len(row.fires)
    assert more > 0, "no difference left: remove the line"


def test_the_weekday_nearest_to_the_31st_is_missing_in_short_months() -> None:
    missing = set()
    for row in ROWS:
        if row.expression in SHORT_MONTH and row.fires:
            ours = set(row.ours(until=row.fires[-1]))
            assert ours <= set(row.fires)
            missing |= set(row.fires) - ours
    months = {datetime.fromtimestamp(fire / 1000, UTC).month for fire in missing}
    assert months, "no difference left: remove the exception"
    assert months <= {4, 6, 9, 11}
