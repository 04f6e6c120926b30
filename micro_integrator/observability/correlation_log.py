"""correlation.log: how long requests and calls took, and how far each had come when, one JSON object a line."""

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


def record_state(
    connection: str, method: str, url: str, state: str, latency_ms: int, *, correlation_id: str
) -> None:
    """Record that an exchange has come to `state`, `latency_ms` after the one before."""
    _log.info(
        "{kind} of {method} {url} on {connection}: {state} after {latency_ms} ms",
        kind="HTTP State Transition",
        method=method,
        url=url,
        connection=connection,
        state=state,
        latency_ms=latency_ms,
        correlation_id=correlation_id,
    )
