"""Function calls of `${…}`: the plain functions, and those that look at the message or at other languages."""

from collections.abc import Callable, Mapping, Sequence

from lxml import etree

from micro_integrator.kit import did_you_mean
from micro_integrator.synapse.expressions.errors import EvaluationError, ExpressionError
from micro_integrator.synapse.expressions.inline_functions import FUNCTIONS
from micro_integrator.synapse.expressions.inline_nodes import NO_MESSAGE, Found, Node, folded, plain
from micro_integrator.synapse.expressions.target import EvaluationTarget
from micro_integrator.synapse.expressions.xpath import XPathExpression, compile_at_run_time

TAKE_A_PATH = ("registry", "object", "array")
"""The functions whose result may be followed by a path."""

_SECRETS = ("wso2-vault", "hashicorp-vault")
_SPECIAL = {"exists": (1, 1), "xpath": (1, 2), "registry": (1, 2)}

Refuse = Callable[[str], ExpressionError]


def call(name: str, arguments: Sequence[Node], namespaces: Mapping[str, str], refuse: Refuse) -> Node:
    """Compile a call. Raises what `refuse` makes of an unknown name or a wrong number of arguments."""
    if name in _SECRETS:
        raise refuse(f"{name}() is not supported yet: there is no secret provider")
    if name not in FUNCTIONS and name not in _SPECIAL:
        raise refuse(f"unknown function '{name}'{did_you_mean(name, [*FUNCTIONS, *_SPECIAL])}")
    _check_number(name, arguments, refuse)
    if name == "exists":
        return _exists(arguments[0])
    if name == "registry":
        return _registry(arguments)
    if name == "xpath":
        return _xpath(arguments, namespaces, refuse)
    return _plain_call(name, arguments)


def _check_number(name: str, arguments: Sequence[Node], refuse: Refuse) -> None:
    function = FUNCTIONS.get(name)
    least, most = (function.required, len(function.kinds)) if function else _SPECIAL[name]
    if not least <= len(arguments) <= most:
        wanted = str(least) if least == most else f"{least} to {most}"
        raise refuse(f"{name}() takes {wanted} arguments, not {len(arguments)}")


def _plain_call(name: str, arguments: Sequence[Node]) -> Node:
    function = FUNCTIONS[name]
    runs = [argument.run for argument in arguments]
    return folded(
        Node(
            lambda message: function(name, [run(message) for run in runs]),
            any(argument.reads_body for argument in arguments),
            function.is_pure and all(argument.is_constant for argument in arguments),
        )
    )


def _exists(argument: Node) -> Node:
    def run(message: EvaluationTarget) -> object:
        try:
            return argument.run(message) is not None
        except EvaluationError:
            return False

    return folded(Node(run, argument.reads_body, argument.is_constant))


def _registry(arguments: Sequence[Node]) -> Node:
    def run(message: EvaluationTarget) -> object:
        path = "@".join(str(plain(argument.run(message))) for argument in arguments)
        if (value := message.properties.get(path, "registry")) is None:
            raise EvaluationError(f"there is nothing at '{path}' in the registry")
        return value

    return Node(run, any(argument.reads_body for argument in arguments))


def _xpath(arguments: Sequence[Node], namespaces: Mapping[str, str], refuse: Refuse) -> Node:
    compiled = _compiled_now(arguments[0], namespaces, refuse)

    def expression(message: EvaluationTarget) -> XPathExpression:
        return compiled or compile_at_run_time(_text(arguments[0], message), namespaces)

    if len(arguments) == 1:
        reads_body = compiled is None or compiled.reads_body
        return Node(lambda message: _found(expression(message), message), reads_body)
    return Node(
        lambda message: _found(expression(message), message, _element(_text(arguments[1], message), message)),
        compiled is None or arguments[1].reads_body,
    )


def _compiled_now(source: Node, namespaces: Mapping[str, str], refuse: Refuse) -> XPathExpression | None:
    if not source.is_constant:
        return None
    text = source.run(NO_MESSAGE)
    if not isinstance(text, str):
        raise refuse("xpath() needs the expression as a string")
    return XPathExpression(text, namespaces)


def _text(node: Node, message: EvaluationTarget) -> str:
    value = plain(node.run(message))
    if not isinstance(value, str):
        raise EvaluationError("xpath() needs strings")
    return value


def _found(
    expression: XPathExpression, message: EvaluationTarget, context: etree._Element | None = None
) -> Found:
    nodes = expression.evaluate(message, context)
    return Found(nodes, expression.string_of(nodes) or "")


def _element(name: str, message: EvaluationTarget) -> etree._Element:
    variable, _, field = name.partition(".")
    value = message.variables.get(variable)
    if field:
        value = value.get(field) if isinstance(value, dict) else None
    if not isinstance(value, etree._Element):
        raise EvaluationError(f"vars.{name} is no XML element")
    return value
