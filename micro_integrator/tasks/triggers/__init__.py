"""When a task is due: cron expressions, fixed intervals and single runs, as arithmetic.

Instants come in and go out as epoch milliseconds; nothing here reads a clock, waits, or knows who owns a task.
Start with `attributes`, which turns the attributes of a <trigger> into one of these; `cron` is the long story.
"""

from micro_integrator.tasks.triggers.attributes import Trigger, read_trigger
from micro_integrator.tasks.triggers.cron import Cron
from micro_integrator.tasks.triggers.errors import TriggerError
from micro_integrator.tasks.triggers.interval import Interval
from micro_integrator.tasks.triggers.once import Once

__all__ = ["Cron", "Interval", "Once", "Trigger", "TriggerError", "read_trigger"]
