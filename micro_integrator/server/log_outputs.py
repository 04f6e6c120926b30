"""Where this process's lines go, by the settings; and that nothing is written twice when nobody watches."""

import os

from micro_integrator.config import Settings
from micro_integrator.observability import configure, flush, get_logger

LEVELS_FILE = "log4j2.properties"

log = get_logger("Configuration")


def open_logs(settings: Settings) -> None:
    """Set outputs, levels and masks; again at every reload. Raises MicroIntegratorError, then nothing changed."""
    configure(
        settings.logging,
        logs=settings.home.logs,
        levels_file=settings.home.conf / LEVELS_FILE,
        node_id=settings.cluster_config.node_id,
        masks=settings.masking_pattern.properties,
        secrets=settings.secret_values,
    )


def tell_findings(settings: Settings) -> None:
    """Log what was noticed while the configuration was read."""
    for line in settings.info:
        log.info("{line}", line=line)
    for line in settings.warnings:
        log.warning("{line}", line=line)


def leave_console(settings: Settings) -> None:
    """In the background, stop writing to the console once the start is over, if there are log files.

    Nobody rotates the file the console was led to, and the log files have the same lines.
    """
    if os.environ.pop("MI_BACKGROUND", None) and settings.logging.files:
        flush()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.close(nowhere)
