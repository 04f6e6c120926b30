"""Metrics: the text, the limit on series, and the lag of the event loop."""

import asyncio
from collections.abc import Iterator

import pytest
from prometheus_client.registry import Collector

from micro_integrator.observability import (
    EventLoopLag,
    counter,
    gauge,
    histogram,
    metrics_text,
    recorded_lines,
    server_is_up,
)
from micro_integrator.observability import metrics as metrics_module
from micro_integrator.observability.event_loop_lag import PERIOD, REMEMBERED


@pytest.fixture
def names() -> Iterator[list[Collector]]:
    """Give metrics back to the registry after the test."""
    made: list[Collector] = []
    yield made
    for metric in made:
        metrics_module.registry.unregister(metric)


def test_counters_gauges_and_histograms_show_up_in_the_text(names: list[Collector]) -> None:
    fires = counter("mi_test_fires_total", "Fires", ["task"])
    size, seconds = gauge("mi_test_size", "Size"), histogram("mi_test_seconds", "Seconds", buckets=[1, 2])
    names += [fires, size, seconds]
    fires.labels("orders").inc()
    size.set(3)
    seconds.observe(1.5)
    lines = metrics_text().decode().splitlines()
    assert 'mi_test_fires_total{task="orders"} 1.0' in lines
    assert "mi_test_size 3.0" in lines
    assert [line for line in lines if line.startswith("mi_test_seconds")] == [
        'mi_test_seconds_bucket{le="1.0"} 0.0',
        'mi_test_seconds_bucket{le="2.0"} 1.0',
        'mi_test_seconds_bucket{le="+Inf"} 1.0',
        "mi_test_seconds_count 1.0",
        "mi_test_seconds_sum 1.5",
    ]
    assert not [line for line in lines if "_created" in line]


def test_series_beyond_the_limit_are_counted_as_other(
    names: list[Collector], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics_module, "SERIES_LIMIT", 3)
    fires = counter("mi_test_many_total", "Fires", ["task", "reason"])
    names.append(fires)
    for number in range(5):
        fires.labels(f"t{number}", "r").inc()
    fires.labels(task="t0", reason="r").inc()
    lines = [line for line in metrics_text().decode().splitlines() if line.startswith("mi_test_many_total")]
    assert lines == [
        'mi_test_many_total{reason="r",task="t0"} 2.0',
        'mi_test_many_total{reason="r",task="t1"} 1.0',
        'mi_test_many_total{reason="r",task="t2"} 1.0',
        'mi_test_many_total{reason="other",task="other"} 2.0',
    ]


def test_a_histogram_keeps_its_bounds_and_its_limit(
    names: list[Collector], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics_module, "SERIES_LIMIT", 1)
    seconds = histogram("mi_test_way_seconds", "Seconds", ["endpoint"], buckets=[0.1, 1])
    names.append(seconds)
    for endpoint, amount in (("a", 0.1), ("b", 0.5), ("c", 7), ("a", 1)):
        seconds.labels(endpoint).observe(amount)
    lines = metrics_text(openmetrics=True, names=["mi_test_way_seconds_bucket"]).decode().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [
        'mi_test_way_seconds_bucket{endpoint="a",le="0.1"} 1.0',
        'mi_test_way_seconds_bucket{endpoint="a",le="1.0"} 2.0',
        'mi_test_way_seconds_bucket{endpoint="a",le="+Inf"} 2.0',
        'mi_test_way_seconds_bucket{endpoint="other",le="0.1"} 0.0',
        'mi_test_way_seconds_bucket{endpoint="other",le="1.0"} 1.0',
        'mi_test_way_seconds_bucket{endpoint="other",le="+Inf"} 2.0',
    ]
    with pytest.raises(ValueError, match="label"):
        seconds.labels("a", "b")


def test_wrong_label_names_are_still_refused_at_the_limit(
    names: list[Collector], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metrics_module, "SERIES_LIMIT", 0)
    metric = gauge("mi_test_wrong", "Wrong", ["task"])
    names.append(metric)
    with pytest.raises(ValueError, match="label"):
        metric.labels(tusk="x")


def test_openmetrics_ends_with_its_end_mark() -> None:
    assert metrics_text(openmetrics=True).endswith(b"# EOF\n")


def test_process_and_server_metrics_exist() -> None:
    server_is_up("localhost", 9201, "0.1.0")
    text = metrics_text().decode()
    assert "process_resident_memory_bytes" in text
    assert 'wso2_integration_server_version{update_level="-",version="0.1.0"} 1.0' in text
    assert 'wso2_integration_server_up{host="localhost"' in text


def test_the_text_can_be_narrowed_to_names() -> None:
    text = metrics_text(names=["process_open_fds"]).decode()
    assert "process_open_fds" in text
    assert "process_max_fds" not in text


class SlowClock:
    """A clock whose sleepers wake up late."""

    def __init__(self) -> None:
        self.time = 100.0
        self.late: asyncio.Queue[float] = asyncio.Queue()

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.time += seconds + await self.late.get()


async def test_a_standstill_of_the_loop_is_remembered_for_a_while_and_told() -> None:
    clock = SlowClock()
    with recorded_lines() as lines:
        async with EventLoopLag(clock) as lag:
            clock.late.put_nowait(6.0)
            while clock.late.qsize() or clock.time == 100.0:
                await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert lag.worst() == 6.0
            assert "mi_event_loop_lag_seconds 6.0" in metrics_text().decode()
            clock.time += REMEMBERED + PERIOD + 0.1
            assert lag.worst() == pytest.approx(REMEMBERED + 0.1)  # the timer itself is overdue by now
    assert lines.texts() == ["The event loop stood still for 6.0 s"]


async def test_a_standstill_that_goes_on_counts_already() -> None:
    clock = SlowClock()
    async with EventLoopLag(clock) as lag:
        await asyncio.sleep(0)
        clock.time += PERIOD + 7.0
        assert lag.worst() == pytest.approx(7.0)
