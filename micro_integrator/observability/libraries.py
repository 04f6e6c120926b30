"""What libraries say through Python's own logging, told in our format; from WARNING on."""

import logging

from micro_integrator.observability.journal import journal
from micro_integrator.observability.levels import DEBUG, ERROR, FATAL, INFO, TRACE, WARN
from micro_integrator.observability.logger import Logger


class _Ear(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        told = Logger(journal.dotted_channel(record.name), (), {})
        failure = record.exc_info[1] if record.exc_info else None
        told.tell(_level(record.levelno), _message(record), {"exc_info": failure})


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception as error:  # the library's mistake must not become an error of whoever called it
        return f"{record.msg!r} cannot be formatted: {error!r}"


def _level(number: int) -> int:
    return next((level for level in (FATAL, ERROR, WARN, INFO, DEBUG) if number >= level), TRACE)


def listen_to_libraries() -> None:
    """Hear every library's logger; calling it again changes nothing."""
    root = logging.getLogger()
    if not any(isinstance(handler, _Ear) for handler in root.handlers):
        root.addHandler(_Ear())
