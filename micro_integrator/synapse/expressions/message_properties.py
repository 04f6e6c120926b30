"""`get-property()`: properties of all scopes, addressing values, template parameters, and the clock."""

from collections.abc import Callable, Mapping, Sequence

from micro_integrator.kit import wall_ms
from micro_integrator.synapse.expressions import java_dates
from micro_integrator.synapse.expressions.expression import Expression
from micro_integrator.synapse.expressions.target import EvaluationTarget

_SCOPES = ("default", "axis2", "transport", "operation", "func", "registry", "system", "env", "file")
_DATE_FORMAT = "M/d/yy, h:mm a"

_ADDRESSING: Mapping[str, Callable[[EvaluationTarget], object]] = {
    "To": lambda message: message.to,
    "From": lambda message: message.from_,
    "ReplyTo": lambda message: message.reply_to,
    "FaultTo": lambda message: message.fault_to,
    "Action": lambda message: message.action,
    "RelatesTo": lambda message: message.relates_to,
    "MessageID": lambda message: message.id,
    "FAULT": lambda message: "TRUE" if message.is_fault else "FALSE",
    "MESSAGE_FORMAT": lambda message: message.message_format,
    "SYSTEM_TIME": lambda message: str(wall_ms()),
}


def get_property(message: EvaluationTarget, arguments: Sequence[str]) -> object:
    """The value of `get-property()` with (name), (scope, name), (name, format) or (scope, name, format)."""
    scope, name, date_format = _sorted(arguments)
    if scope == "default":
        return _default(message, name, date_format)
    if scope == "transport":
        return message.headers.get(name)
    if scope == "func":
        return function_parameter(message, name)
    return message.properties.get(name, scope) if scope in _SCOPES else ""


def _sorted(arguments: Sequence[str]) -> tuple[str, str, str]:
    if len(arguments) == 1:
        return "default", arguments[0], ""
    if len(arguments) == 2 and arguments[0] == "SYSTEM_DATE":
        return "default", *arguments  # type: ignore[return-value]  # two arguments
    scope, name, *rest = arguments
    return scope, name, rest[0] if rest else ""


def _default(message: EvaluationTarget, name: str, date_format: str) -> object:
    if name == "SYSTEM_DATE":
        return java_dates.format_moment(java_dates.at(wall_ms()), date_format or _DATE_FORMAT)
    if read := _ADDRESSING.get(name):
        return read(message)
    value = message.properties.get(name)
    return message.entry(name) if value is None else value


def function_parameter(message: EvaluationTarget, name: str) -> object:
    """The parameter of the innermost template; a deferred expression is evaluated now. None if unset."""
    frames = message.functions
    value = frames[-1].get(name) if frames else None
    return value.value(message) if isinstance(value, Expression) else value
