"""What happens to a message after an error: ERROR_* properties, then the fault stack from its top down."""

from micro_integrator.kit import MicroIntegratorError
from micro_integrator.observability import get_logger
from micro_integrator.synapse.errors import EndpointError, LeaseLost, MediationError
from micro_integrator.synapse.flow import FaultHandler, Flow
from micro_integrator.synapse.message import Message

log = get_logger("MediatorFaultHandler")

HISTORY = "ERROR_HISTORY"
KEPT_ERRORS = 10
OF_SENDER = ("BASE_ERROR_CODE", "PROTOCOL_STATE_ON_FAILURE", "SENDING_FAULT")
"""What only the error of a call has: code without state, how far it had come, and that it was sent."""
TOO_DEEP = "Mediators are nested too deeply, or run in a circle"


async def handle(error: Exception, message: Message, flow: Flow) -> bool:
    """Run the fault sequences until one ends without an error of its own.

    Return True when a sequence chosen by an artifact dealt with the fault, False when it came down to the default
    one or to nobody. Cancellation and a lost lease pass through.
    """
    failed: set[int] = set()
    while True:
        error = named(error)
        record(error, message, message.position)
        _tell(error, message.position, flow.prefix)
        if (own_log := flow.api_log) is not None:
            code, text = message.default["ERROR_CODE"], message.default["ERROR_MESSAGE"]
            own_log.warning("ERROR_CODE : {code} ERROR_MESSAGE : {text}", code=code, text=text)
        handler = flow.handlers
        if handler is None:
            log.warning("Exception encountered but no fault handler found - message dropped")
            return False
        flow.handlers = handler.below
        log.warning("Executing fault handler due to exception encountered")
        if own_log is not None:
            own_log.warning(
                "Executing fault sequence mediator : {name}", name=handler.branch.name or "anonymous"
            )
        try:
            await flow.run(handler.branch, message)
        except LeaseLost:
            raise
        except Exception as another:  # whatever a fault sequence does wrong is the next handler's affair
            error = another
            failed.add(id(handler.branch))
            _leave_circle(flow, handler.below, failed)
        else:
            return not handler.is_default


def _leave_circle(flow: Flow, below: FaultHandler | None, failed: set[int]) -> None:
    """Take handlers off the stack that a handler has put above `below`, and that have failed for this message before.

    A sequence may name itself as its onError, or two of them each other: they would fail in turns for ever.
    """
    while (top := flow.handlers) is not below and top is not None and id(top.branch) in failed:
        log.warning("Fault handler {name} has failed already and is not run again", name=top.branch.name)
        flow.handlers = top.below


def record(error: Exception, message: Message, position: str) -> None:
    """Set the ERROR_* properties for `error`; an earlier error of the same message moves to ERROR_HISTORY."""
    properties = message.default
    if "ERROR_CODE" in properties:
        former = {
            "code": properties["ERROR_CODE"],
            "message": properties.get("ERROR_MESSAGE"),
            "mediator": message.failed_at,
        }
        history = properties.get(HISTORY)
        properties[HISTORY] = [*(history if isinstance(history, list) else []), former][-KEPT_ERRORS:]
        for name in OF_SENDER:
            properties.pop(name, None)
    message.failed_at = position
    text = reason(error)
    detail = error.detail if isinstance(error, MediationError) else ""
    properties["ERROR_CODE"] = _code(error, with_state=message.surroundings.adds_state_to_code)
    properties["ERROR_MESSAGE"] = text.partition("\n")[0]
    properties["ERROR_DETAIL"] = detail or f"{text} (at {position})"
    properties["ERROR_EXCEPTION"] = error
    if isinstance(error, EndpointError) and error.is_of_sender:
        _describe_call(error, properties)


def _describe_call(error: EndpointError, properties: dict[str, object]) -> None:
    values = (error.code, error.protocol_state, True)
    properties.update(
        (name, value) for name, value in zip(OF_SENDER, values, strict=True) if value is not None
    )


def _code(error: Exception, *, with_state: bool) -> int | str:
    if not isinstance(error, MediationError):
        return 0
    code = error.code
    # the time limit of a call has always been told without a state
    if with_state and isinstance(error, EndpointError) and isinstance(code, int) and not error.is_time_limit:
        return code + (error.protocol_state or 0)
    return code


def named(error: Exception) -> Exception:
    """Return the error to report: running out of stack says nothing to the author of an artifact."""
    return MediationError(TOO_DEEP) if isinstance(error, RecursionError) else error


def reason(error: Exception) -> str:
    """Return the text of an error, and for one without a text the name of its class."""
    return str(error) or type(error).__name__


def _tell(error: Exception, position: str, prefix: str) -> None:
    is_foreseen = isinstance(error, MicroIntegratorError)
    fields: dict[str, object] = {} if is_foreseen else {"exc_info": error}
    log.error(
        "{prefix}{reason} (at {mediator})",
        prefix=prefix,
        reason=reason(error),
        mediator=position or "entry",
        **fields,
    )
