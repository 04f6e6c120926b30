"""How a request to a back end can fail, as the codes that artifacts name. ◇

| code | what happened |
|---|---|
| 101500 | writing failed, or the TLS handshake did |
| 101503 | the connection was refused, the host is unknown, or the address is guarded |
| 101504 | no answer in time, or silence for longer than the socket time-out |
| 101505 | the back end closed the connection before the answer was complete |
| 101506 | the answer is not HTTP |
| 101507 | the sender stopped meanwhile, or nobody wanted the rest of the answer |
| 101508 | no connection in time, or too many requests wait for one |
| 101510 | the head of the answer, or its body, is larger than permitted |
"""

from enum import IntEnum

from micro_integrator.synapse import EndpointError


class Code(IntEnum):
    """ERROR_CODE of a failed request."""

    SENDING_FAILED = 101500
    CONNECTION_FAILED = 101503
    TIMED_OUT = 101504
    CLOSED = 101505
    NOT_HTTP = 101506
    CANCELLED = 101507
    CONNECT_TIMED_OUT = 101508
    UNUSABLE_ANSWER = 101510


class Stage(IntEnum):
    """How far an exchange had come: PROTOCOL_STATE_ON_FAILURE, and what the correlation log tells."""

    REQUEST_READY = 0
    REQUEST_HEAD = 1
    REQUEST_BODY = 2
    REQUEST_DONE = 3
    RESPONSE_HEAD = 4
    RESPONSE_BODY = 5
    RESPONSE_DONE = 6
    CLOSED = 8


class HttpError(EndpointError):
    """A request without a whole answer; `protocol_state` says how far it had come."""

    is_of_sender = True  # also where the answer breaks off while somebody reads it

    def __init__(self, message: str, code: Code, stage: Stage = Stage.REQUEST_READY) -> None:
        super().__init__(message, code=int(code))
        self.protocol_state = int(stage)


def unreachable(text: str) -> HttpError:
    """Return the error of a connection that did not come about."""
    return HttpError(f"Error connecting to the back end: {text}", Code.CONNECTION_FAILED)


def broken(text: str, code: Code, stage: Stage) -> HttpError:
    """Return the error of an exchange that came to a bad end."""
    return HttpError(f"Error in Sender: {text}", code, stage)


def closed(route: str, stage: Stage, *, is_reset: bool) -> HttpError:
    """Return the error of a connection that the back end has ended in the middle of an exchange."""
    if stage is Stage.REQUEST_BODY:
        text = f"{route} closed the connection while the request was sent"
        return broken(text, Code.SENDING_FAILED, stage)
    how = "reset" if is_reset else "closed"
    when = "before it had answered" if stage <= Stage.REQUEST_DONE else "in the middle of its answer"
    return broken(f"{route} {how} the connection {when}", Code.CLOSED, stage)


def expired(stage: Stage = Stage.REQUEST_READY) -> HttpError:
    """Return the error of an exchange that has taken the time it was given."""
    error = HttpError("Send timeout", Code.TIMED_OUT, stage)
    error.is_time_limit = True
    return error


def stopped() -> HttpError:
    """Return the error of a request for which no connection is opened any more."""
    return HttpError("Error in Sender: it has been stopped", Code.CANCELLED)
