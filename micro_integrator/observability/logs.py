"""Where lines go and who is printed: set at the start, at every HUP, and by operators in between."""

import atexit
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from micro_integrator.observability.journal import API, AUDIT, CORRELATION, journal
from micro_integrator.observability.layouts import JsonLayout, console_text, file_text
from micro_integrator.observability.levels import WARN, Levels, level_name, level_number
from micro_integrator.observability.levels_file import LevelsFile, read_levels
from micro_integrator.observability.libraries import listen_to_libraries
from micro_integrator.observability.log_files import Console, RollingFile
from micro_integrator.observability.logger import get_logger
from micro_integrator.observability.masking import Masker
from micro_integrator.observability.writer import Writer

FLUSH_LIMIT = 2.0
"""Seconds the end of the process waits for a slow disk or terminal."""

WRITTEN_LIMIT = 0.5
"""Seconds for which work that must not overtake its lines waits for them."""

log = get_logger("Logs")


class LogSettings(Protocol):
    """What the section [logging] says."""

    @property
    def format(self) -> str:
        """`text` or `json`, for the console; files are text."""
        ...

    @property
    def files(self) -> bool:
        """Whether log files are written."""
        ...

    @property
    def level(self) -> str:
        """Level of all loggers without a rule of their own."""
        ...


def configure(
    settings: LogSettings,
    *,
    logs: Path,
    levels_file: Path | None = None,
    node_id: str = "",
    masks: Mapping[str, str] | None = None,
    secrets: Iterable[str] = (),
) -> None:
    """Set outputs, levels and masks; called at the start, and again at every HUP (files are then reopened).

    `levels_file` is conf/log4j2.properties; what it says goes before `settings.level`. `masks` is
    [masking_pattern.properties]; `secrets` are values that must not appear anywhere.
    Raises LevelError or MaskError; then everything is as before.
    """
    mask, root = Masker(masks, secrets), level_number(settings.level)
    asked = read_levels(levels_file) if levels_file else LevelsFile()
    is_json = settings.format.lower() == "json"
    console = Writer(Console(), JsonLayout(node_id, mask) if is_json else console_text)
    journal.mask = mask
    if settings.files:
        everything = Writer(RollingFile(logs / "wso2carbon.log"), file_text)
        errors = Writer(RollingFile(logs / "wso2error.log"), file_text, at_least=WARN)
        audit = Writer(RollingFile(logs / "audit.log"), file_text)
        latencies = Writer(RollingFile(logs / "correlation.log"), JsonLayout(node_id, mask))
        apis = Writer(RollingFile(logs / "wso2-mi-api.log"), file_text)
        apart = {AUDIT: (audit,), CORRELATION: (latencies,), API: (apis,)}
        former = journal.use_outputs((console, everything, errors), apart)
    else:
        former = journal.use_outputs((console,))
    for output in former:
        output.close()
    journal.use_levels(Levels(root if asked.root is None else asked.root, asked.rules))
    listen_to_libraries()
    for level, note in asked.notes:
        log.tell(level, note, {})


def set_level(selector: str, level: str) -> None:
    """Set the level of a logger, package or place until the next `configure`; `root` is everybody else.

    Raises LevelError.
    """
    journal.set_level(selector, level_number(level))


def toggle_debug() -> str:
    """Switch the root level between DEBUG and what is configured; return its name."""
    return level_name(journal.toggle_debug())


def masked(text: str) -> str:
    """Return `text` without secrets and whatever matches a pattern: for lines that do not go through a logger."""
    return journal.mask(text)


def flush(timeout: float = FLUSH_LIMIT) -> bool:
    """Wait until everything told so far is written; False when a place took longer than `timeout` seconds."""
    return journal.flush(timeout)


async def written() -> bool:
    """Wait until what was told so far would outlive a kill of this process; False when a place was too slow.

    Not more than WRITTEN_LIMIT seconds, and once only until it goes on again: a disk or a terminal that is stuck must
    not stop the work.
    """
    return await journal.written(WRITTEN_LIMIT)


atexit.register(flush)
