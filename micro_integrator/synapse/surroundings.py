"""What a message can see beyond itself: entries, the registry, process properties, environment, files, limits."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from micro_integrator.synapse.formats import ChosenFormats
from micro_integrator.synapse.formats.json_xml import Rules
from micro_integrator.synapse.ports import NoRegistry, Registry

MAX_PAYLOAD = 10 * 1024 * 1024
MAX_LOG_LINE = 64 * 1024


@dataclass(frozen=True)
class Surroundings:
    """Shared by all messages of an engine; only `system` changes, and only when that is allowed."""

    registry: Registry = field(default_factory=NoRegistry)
    system: dict[str, object] = field(default_factory=dict)
    """Process properties: those given with -D, and what artifacts added."""
    may_write_system: bool = False
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    file_properties: Mapping[str, str] = field(default_factory=dict)
    json_xml: Rules = field(default_factory=Rules)
    formats: ChosenFormats = field(default_factory=ChosenFormats)
    max_payload: int = MAX_PAYLOAD
    """Bytes of a payload that is read into memory."""
    max_log_line: int = MAX_LOG_LINE
    """Bytes of one line of a log mediator."""
    masks: tuple[re.Pattern[str], ...] = ()
    """What lines of log mediators must not show."""
    adds_state_to_code: bool = False
    """Whether ERROR_CODE is the code of an error plus how far the exchange had come."""
    call_time_limit: float = 120.0
    """Seconds a call may take whose end point sets no limit."""
