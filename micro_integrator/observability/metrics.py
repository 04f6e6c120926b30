"""Numbers for Prometheus: factories for every room, one registry, one text.

Rooms define their metrics where they count: `FIRES = counter("mi_task_executions_total", "...", ["task"])`.
A metric keeps at most SERIES_LIMIT combinations of label values; further ones are counted as `other`.
"""

import platform
import sys
from collections.abc import Iterable, Sequence
from typing import Self

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.process_collector import ProcessCollector

from micro_integrator.kit import wall_ms

SERIES_LIMIT = 1000
OTHER = "other"
PLAIN = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
LATENCY_BUCKETS = (0.19, 0.20, 0.25, 0.30, 0.35, 0.40, 0.50, 0.60, 1.0, 5.0)
"""Seconds; the reference's, so that dashboards made for it keep their meaning."""

disable_created_metrics()  # type: ignore[no-untyped-call]  # they double the series and nobody asked for them
registry = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=registry)


class _Limited(MetricWrapperBase):
    """A metric whose series cannot grow without end, whatever users put into a label."""

    def labels(self, *values: object, **named: object) -> Self:
        asked = values or tuple(named[name] for name in self._labelnames if name in named)
        series = tuple(str(value) for value in asked)
        is_full = len(self._metrics) >= SERIES_LIMIT and len(series) == len(self._labelnames)
        if is_full and series not in self._metrics:
            return super().labels(*(OTHER for _ in series))
        return super().labels(*values, **named)


class _Counter(_Limited, Counter):
    pass


class _Gauge(_Limited, Gauge):
    pass


class _Histogram(_Limited, Histogram):
    pass


def counter(name: str, doc: str, labels: Sequence[str] = ()) -> Counter:
    """Return a new number that only grows; its name ends in `_total`."""
    return _Counter(name, doc, labels, registry=registry)


def gauge(name: str, doc: str, labels: Sequence[str] = ()) -> Gauge:
    """Return a new number that goes up and down."""
    return _Gauge(name, doc, labels, registry=registry)


def histogram(
    name: str, doc: str, labels: Sequence[str] = (), buckets: Sequence[float] = LATENCY_BUCKETS
) -> Histogram:
    """Return a new distribution; `buckets` are upper bounds, in seconds for a latency."""
    return _Histogram(name, doc, labels, registry=registry, buckets=buckets)


def metrics_text(*, openmetrics: bool = False, names: Iterable[str] = ()) -> bytes:
    """Return all metrics, or only the samples with these names, as Prometheus or OpenMetrics text.

    With thousands of series this takes a while: call it in a thread.
    """
    wanted = set(names)
    source = registry.restricted_registry(wanted) if wanted else registry
    if openmetrics:
        return bytes(generate_openmetrics(source))  # type: ignore[no-untyped-call]
    return generate_latest(source)


_server_up = gauge(
    "wso2_integration_server_up",
    "Start time of the server in seconds since 1970",
    ["host", "port", "java_home", "java_version"],
)
_server_version = gauge(
    "wso2_integration_server_version",
    "Always 1; the labels say what runs",
    ["version", "update_level"],
)


def server_is_up(host: str, port: int, version: str) -> None:
    """Publish that the server runs; the labels named after Java carry the Python it runs on."""
    _server_up.labels(host, port, sys.prefix, platform.python_version()).set(wall_ms() / 1000)
    _server_version.labels(version, "-").set(1)
