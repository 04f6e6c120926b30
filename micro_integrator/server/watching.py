"""What stands around listener and sender when the settings ask for it; otherwise nothing does, for it costs time."""

from micro_integrator.config import Settings
from micro_integrator.synapse import Sender
from micro_integrator.transports import (
    ErrorTellingSender,
    LimitingSender,
    Serve,
    TimedSender,
    timed,
    with_id_in_logs,
)


def watched_serving(settings: Settings, serve: Serve) -> Serve:
    """Return what serves requests as `serve` does, timed, and with ids in the lines of the log."""
    if has_correlation_log(settings):
        serve = timed(serve)
    return with_id_in_logs(serve) if settings.logging.format == "json" else serve


def watched_sender(settings: Settings, sender: Sender) -> Sender:
    """Return what sends as `sender` does: answers limited, errors of back ends told, calls timed."""
    http = settings.transport_http
    if http.most_body_bytes is not None:
        sender = LimitingSender(sender, http.most_body_bytes)
    if http.sender.warn_on_http_500:
        sender = ErrorTellingSender(sender, http.sender.warn_on_http_500)
    return TimedSender(sender, http.correlation_header_name) if has_correlation_log(settings) else sender


def has_correlation_log(settings: Settings) -> bool:
    """Return whether `correlation.log` is written."""
    return settings.properties.get("enableCorrelationLogs", "").lower() == "true"
