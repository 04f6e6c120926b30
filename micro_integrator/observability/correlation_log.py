"""correlation.log: how long requests and calls took, one JSON object for each, under the id they have in common."""

from micro_integrator.observability.journal import CORRELATION
from micro_integrator.observability.logger import get_logger

_log = get_logger(CORRELATION)


def record_latency(
    kind: str, method: str, url: str, latency_ms: int, *, correlation_id: str, status: int | None
) -> None:
    """Record what took how long; `status` is None when there was no answer."""
    _log.info(
        "{kind} of {method} {url}: {status} after {latency_ms} ms",
        kind=kind,
        method=method,
        url=url,
        status=status,
        latency_ms=latency_ms,
        correlation_id=correlation_id,
    )
