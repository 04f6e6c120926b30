"""Histograms for Prometheus that cost one search and two additions per observation.

The library's own takes a lock and checks itself for each bucket, which is felt where every message is observed.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client.metrics_core import HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString  # how the library itself writes a bound

SERIES_LIMIT = 1000
"""Combinations of label values that a metric keeps; what comes later is counted as OTHER."""
OTHER = "other"


class Series:
    """The observations under one combination of label values; of one thread, since additions are not locked."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        """By bucket; the last one has what is above all bounds."""
        self.total = 0.0

    def observe(self, amount: float) -> None:
        """Count one."""
        self.counts[bisect_left(self.bounds, amount)] += 1
        self.total += amount


class Histogram(Collector):
    """A histogram for each combination of values of its labels; `buckets` are upper bounds, which count as inside."""

    def __init__(self, name: str, doc: str, labels: Sequence[str], buckets: Sequence[float]) -> None:
        self._name, self._doc, self._labels = name, doc, tuple(labels)
        self._bounds = tuple(sorted(buckets))
        self._shown = [*map(str, map(floatToGoString, self._bounds)), "+Inf"]
        self._series: dict[tuple[str, ...], Series] = {}
        if not labels:
            self.labels()

    def labels(self, *values: object) -> Series:
        """Return the series of these values, made at the first call. Raises ValueError for too many or too few."""
        key = tuple(map(str, values))
        found = self._series.get(key)
        if found is None:
            if len(key) != len(self._labels):
                raise ValueError(f"{self._name} has the labels {self._labels}, not {key}")
            if len(self._series) >= SERIES_LIMIT:  # whatever users put into a label
                key = (OTHER,) * len(key)
            found = self._series.setdefault(key, Series(self._bounds))
        return found

    def observe(self, amount: float) -> None:
        """Count one, without labels."""
        self.labels().observe(amount)

    def collect(self) -> Iterator[Metric]:
        """Yield what Prometheus is told."""
        family = HistogramMetricFamily(self._name, self._doc, labels=self._labels)
        for values, series in tuple(self._series.items()):
            counts = list(accumulate(series.counts))
            family.add_metric(values, list(zip(self._shown, counts, strict=True)), series.total)
        yield family
