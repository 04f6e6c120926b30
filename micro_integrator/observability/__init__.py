"""What we tell: log lines, audit lines, metrics.

Offers a logger and metric factories to every room, and to the server the switches for outputs, levels, masks.
Must never know what the lines are about. Start reading in `logger`, go on with `layouts` and `writer`.
"""

from micro_integrator.observability.api_log import api_logger
from micro_integrator.observability.audit_log import audit
from micro_integrator.observability.correlation_log import record_latency, record_state
from micro_integrator.observability.event_loop_lag import EventLoopLag
from micro_integrator.observability.levels import LevelError, level_number
from micro_integrator.observability.logger import Logger, bound, get_logger
from micro_integrator.observability.logs import (
    LogSettings,
    configure,
    flush,
    masked,
    set_level,
    toggle_debug,
    written,
)
from micro_integrator.observability.masking import MASK, MaskError
from micro_integrator.observability.metrics import (
    OPENMETRICS,
    PLAIN,
    counter,
    gauge,
    histogram,
    metrics_text,
    server_is_up,
)
from micro_integrator.observability.recording import recorded_lines

__all__ = [
    "MASK",
    "OPENMETRICS",
    "PLAIN",
    "EventLoopLag",
    "LevelError",
    "LogSettings",
    "Logger",
    "MaskError",
    "api_logger",
    "audit",
    "bound",
    "configure",
    "counter",
    "flush",
    "gauge",
    "get_logger",
    "histogram",
    "level_number",
    "masked",
    "metrics_text",
    "record_latency",
    "record_state",
    "recorded_lines",
    "server_is_up",
    "set_level",
    "toggle_debug",
    "written",
]
