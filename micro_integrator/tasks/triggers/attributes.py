"""<trigger>: from the text of its attributes to a trigger.

    <trigger [interval="SECONDS"] [count="NUMBER"] [once="true"] [cron="EXPRESSION"]/>

interval  whole seconds between two runs, at least 1
count     runs in total; -1 (the default) for ever, 0 never
once      `true`: a single run, whatever `count` and `interval` say; any other value means nothing
cron      a cron expression, never together with `interval` or `once`

Without any of them the task runs once. A cron expression has no use for a count, except that 0 keeps it from running.
"""

import re
from collections.abc import Mapping
from typing import TypeAlias

from micro_integrator.tasks.triggers.cron import Cron
from micro_integrator.tasks.triggers.errors import TriggerError
from micro_integrator.tasks.triggers.interval import Interval
from micro_integrator.tasks.triggers.once import Once

Trigger: TypeAlias = Cron | Interval
"""Everything that can be scheduled; `Once` is an Interval."""

_WHOLE_NUMBER = re.compile(r"[+-]?[0-9]{1,18}")
_MOST_RUNS = 2**31 - 1


def read_trigger(attributes: Mapping[str, str], zone: str) -> tuple[Trigger, int | None]:
    """Return the trigger and how often it may run in total (None = for ever, 0 = never).

    `zone` is the time zone of a cron expression. Attributes unknown here are ignored.
    Raises TriggerError, which names the attribute.
    """
    count = _read_count(attributes.get("count"))
    once = attributes.get("once") == "true"
    interval, cron = attributes.get("interval"), attributes.get("cron")
    if cron is not None:
        if once or interval is not None:
            raise TriggerError(
                "Trigger syntax error : both cron and simple trigger attributes are present", attribute="cron"
            )
        return Cron(cron, zone), 0 if count == 0 else None
    if once:
        return Once(), 1
    if interval is not None:
        return Interval(_read_interval(interval), count), count
    if count is not None and count > 1:
        raise TriggerError(
            "Trigger seems to be a simple trigger, but no interval specified", attribute="interval"
        )
    return Once(), 0 if count == 0 else 1


def _read_count(text: str | None) -> int | None:
    if text is None:
        return None
    count = int(text) if _WHOLE_NUMBER.fullmatch(text) else None
    if count is None or not -1 <= count <= _MOST_RUNS:
        raise TriggerError(
            f"count '{text}' is not allowed: write -1 (for ever), 0 (never) or a number of runs, 1-{_MOST_RUNS}",
            attribute="count",
        )
    return None if count == -1 else count


def _read_interval(text: str) -> int:
    if not _WHOLE_NUMBER.fullmatch(text):
        raise TriggerError(
            f"interval '{text}' is not a whole number of seconds: write 1 or more", attribute="interval"
        )
    return int(text)
