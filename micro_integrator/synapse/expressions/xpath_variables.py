"""The variables of an XPath: `$ctx:name` and its relatives."""

from collections.abc import Callable, Mapping
from urllib.parse import parse_qsl

from lxml import etree

from micro_integrator.observability import get_logger
from micro_integrator.synapse.expressions.errors import EvaluationError
from micro_integrator.synapse.expressions.message_properties import function_parameter
from micro_integrator.synapse.expressions.target import EvaluationTarget
from micro_integrator.synapse.expressions.values import text_of
from micro_integrator.synapse.expressions.xpath_grammar import Variable

log = get_logger("SynapseXPath")


def read_variable(variable: Variable, message: EvaluationTarget) -> object:
    """The value of a variable, None when it is not set. Raises EvaluationError."""
    name = variable.name
    if not variable.prefix:
        return _part_of_envelope(message.body.envelope(), name)
    if read := _READERS.get(variable.prefix):
        return read(message, name)
    holder = message.properties.get(variable.prefix)
    if not isinstance(holder, Mapping):
        raise EvaluationError(
            f"${variable.prefix}:{name} cannot be resolved: no map is in the property '{variable.prefix}'"
        )
    value = holder.get(name)
    return None if value is None else text_of(value)


def _part_of_envelope(envelope: etree._Element, name: str) -> list[etree._Element]:
    if name == "env":
        return [envelope]
    wanted = name.capitalize()
    return [child for child in envelope.iterchildren("*") if etree.QName(child).localname == wanted]


def _function_parameter(message: EvaluationTarget, name: str) -> object:
    if not message.functions:
        log.warning("$func:{name} is read outside a template: it has no value", name=name)
    return function_parameter(message, name)


def _query_parameter(message: EvaluationTarget, name: str) -> str:
    query = (message.to or "").partition("#")[0].partition("?")[2]
    fields = parse_qsl(query, keep_blank_values=True)
    return next((value for key, value in fields if key.lower() == name.lower()), "")


_READERS: Mapping[str, Callable[[EvaluationTarget, str], object]] = {
    "ctx": lambda message, name: message.properties.get(name),
    "var": lambda message, name: message.variables.get(name),
    "axis2": lambda message, name: message.properties.get(name, "axis2"),
    "trp": lambda message, name: message.headers.get(name),
    "operation": lambda message, name: message.properties.get(name, "operation"),
    "sys": lambda message, name: message.properties.get(name, "system") or "",
    "func": _function_parameter,
    "url": _query_parameter,
}
