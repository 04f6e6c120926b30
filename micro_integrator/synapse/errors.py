"""What goes wrong in this room: while an artifact is read (DeploymentError), while a message flows (MediationError).

MediationError
├ FormatError        the payload is not what its content type says, or cannot be written as asked
└ EndpointError      a call did not reach its end
LeaseLost            the node may not act for the task any more
"""

from pathlib import Path

from micro_integrator.kit import MicroIntegratorError

PAYLOAD_UNREADABLE = 601000
CALL_TIMED_OUT = 101504


class DeploymentError(MicroIntegratorError):
    """A definition cannot be used; `message` says what is wrong, `line` and `column` count from 1 (0 = unknown)."""

    def __init__(self, message: str, path: Path | str = "", line: int = 0, column: int = 0) -> None:
        place = ":".join([str(path), *(str(number) for number in (line, column) if number)])
        super().__init__(f"{place}: {message}" if place else message)
        self.message, self.path, self.line, self.column = message, Path(path), line, column


class MediationError(MicroIntegratorError):
    """The message faults: `code` and `message` become ERROR_CODE and ERROR_MESSAGE, `detail` ERROR_DETAIL."""

    default_code: int = 0

    def __init__(self, message: str, *, code: int | str | None = None, detail: str = "") -> None:
        super().__init__(message)
        self.message, self.detail = message, detail
        self.code: int | str = self.default_code if code is None else code


class FormatError(MediationError):
    """The payload cannot be read, or not be written in the form asked for."""

    default_code = PAYLOAD_UNREADABLE


class EndpointError(MediationError):
    """A request did not reach its end point, or no answer came; the code tells which."""

    default_code = 101500
    protocol_state: int | None = None
    """How far the exchange had come, where the protocol tells."""
    is_of_sender: bool = False
    """Whether a call was begun: a refused one is the endpoint's decision."""
    is_time_limit: bool = False
    """Whether the time that the call was given is over."""


class LeaseLost(MicroIntegratorError):
    """This node may no longer act for a task: the work ends here, without a fault sequence."""
