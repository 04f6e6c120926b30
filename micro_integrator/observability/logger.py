"""The object everybody speaks through: five levels, one sentence, named fields.

structlog carries the binding (`log.bind(task=...)`) and lets code that knows structlog only be heard as well.
"""

import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

import structlog

from micro_integrator.kit import wall_ms
from micro_integrator.observability.journal import Channel, journal
from micro_integrator.observability.layouts import Record
from micro_integrator.observability.levels import DEBUG, ERROR, FATAL, INFO, TRACE, WARN, level_number
from micro_integrator.observability.loggers import PACKAGE
from micro_integrator.observability.writer import complain

_NOTHING: Mapping[str, object] = {}
_bound: ContextVar[Mapping[str, object]] = ContextVar("bound log fields", default=_NOTHING)


class Logger(structlog.BoundLoggerBase):
    """Speaks for one name; a template is formatted with its fields, without fields it is taken as it is."""

    _logger: Channel

    def enabled(self, level: str) -> bool:
        """Return whether lines of this level are printed; for fields that are expensive to find."""
        return self._logger.threshold <= level_number(level)

    def trace(self, template: str, /, **fields: object) -> None:
        """Say what only a developer wants to see, such as what went over a wire."""
        self.tell(TRACE, template, fields)

    def debug(self, template: str, /, **fields: object) -> None:
        """Say what was decided, one sentence per pass of a loop."""
        self.tell(DEBUG, template, fields)

    def info(self, template: str, /, **fields: object) -> None:
        """Say what an operator would tell a colleague, once per change."""
        self.tell(INFO, template, fields)

    def warning(self, template: str, /, **fields: object) -> None:
        """Say what will hurt, with the remedy."""
        self.tell(WARN, template, fields)

    def error(self, template: str, /, **fields: object) -> None:
        """Say what hurts now; `exc_info=error` adds the traceback, for errors nobody foresaw."""
        self.tell(ERROR, template, fields)

    def critical(self, template: str, /, **fields: object) -> None:
        """Say what ends the process or a whole part of it."""
        self.tell(FATAL, template, fields)

    def tell(self, level: int, template: str, fields: dict[str, object]) -> None:
        """Say something at a level known by its number only."""
        channel = self._logger
        if level < channel.threshold or not channel.outputs:
            return
        try:
            record = self._record(level, template, fields)
            for output in channel.outputs:
                output.put(record)
        except Exception as error:  # a value whose text cannot be had must not harm the one who logs it
            complain(f"A line of {channel.names.short} cannot be logged: {template!r}: {error!r}\n".encode())

    def _record(self, level: int, template: str, fields: dict[str, object]) -> Record:
        failure = fields.pop("exc_info", None)
        everything = {**_bound.get(), **self._context, **fields}
        try:
            message = template.format_map(everything) if fields else template
        except (LookupError, ValueError, TypeError, AttributeError):  # better an odd line than none
            message = f"{template} {everything}"
        mask = journal.mask
        text = mask(_traceback(failure)) if failure else ""
        return Record(wall_ms(), level, self._logger.names, mask(message), everything, text)


def _traceback(failure: object) -> str:
    """Return the traceback of an exception, or of the one being handled (True), as text."""
    error = failure if isinstance(failure, BaseException) else sys.exception()
    return "".join(traceback.format_exception(error)) if error else ""


def get_logger(name: str) -> Logger:
    """Return the logger with this short name; its place, for level rules, is the module that asks for it."""
    caller = str(sys._getframe(1).f_globals.get("__name__", ""))
    return Logger(journal.channel(name, caller.removeprefix(PACKAGE)), (), {})


@contextmanager
def bound(**fields: object) -> Iterator[None]:
    """Add fields (artifact, task, fence, correlation_id) to every line told within the block."""
    before = _bound.set({**_bound.get(), **fields})
    try:
        yield
    finally:
        _bound.reset(before)


def _channel_for_structlog(name: str = "Program", *_: object) -> Channel:
    return journal.channel(name, "kit")


structlog.configure(wrapper_class=Logger, logger_factory=_channel_for_structlog, processors=())
