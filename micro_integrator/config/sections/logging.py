"""[logging]: form and place of the log."""

from micro_integrator.config.keys import key, section
from micro_integrator.config.kinds import boolean, choice

_LEVELS = ("OFF", "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")


@section("logging")
class LoggingSettings:
    """Form and place of the log; levels of single loggers stand in `conf/log4j2.properties`."""

    format: str = key(
        "text",
        kind=choice("text", "json", also={"pattern": "text"}),
        environment=("MI_LOG_FORMAT",),
        is_reloadable=True,
        doc="lines on the console: `text`, or `json` with one object a line",
    )
    files: bool = key(
        True,
        kind=boolean,
        environment=("MI_LOG_FILES",),
        is_reloadable=True,
        doc="write the files of `repository/logs` too",
    )
    level: str = key(
        "INFO",
        kind=choice(*_LEVELS, also={"WARNING": "WARN", "CRITICAL": "FATAL"}),
        is_reloadable=True,
        doc="level of the root logger",
    )
