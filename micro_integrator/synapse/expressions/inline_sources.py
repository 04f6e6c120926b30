"""Where the values of `${…}` come from: payload, vars, headers, props, params, configs, registry."""

from collections.abc import Callable

from lxml import etree

from micro_integrator.kit import MicroIntegratorError
from micro_integrator.synapse.expressions.errors import EvaluationError
from micro_integrator.synapse.expressions.inline_nodes import LooseText, Node, plain
from micro_integrator.synapse.expressions.inline_numbers import as_number
from micro_integrator.synapse.expressions.message_properties import function_parameter
from micro_integrator.synapse.expressions.path_steps import Path
from micro_integrator.synapse.expressions.target import EvaluationTarget
from micro_integrator.synapse.expressions.values import parse_json, text_of
from micro_integrator.synapse.formats.text import WRAPPER

_TEXT_PAYLOAD = f"{{{WRAPPER}}}text"

PROPERTY_SCOPES = {"synapse": "default", "axis2": "axis2"}
"""`props.SCOPE` and the scope it means."""

PARAMETERS = {"queryParams": "query.param.", "pathParams": "uri.var."}
"""`params.KIND` and the prefix of the properties that hold them; `functionParams` are no properties."""


def payload(path: Path) -> Node:
    """`payload…` or `$…`: the JSON view of the body, or the XML payload itself when nothing follows."""

    def run(message: EvaluationTarget) -> object:
        body = message.body
        if body.is_empty:
            raise EvaluationError("the payload is empty")
        if not path.steps and not body.is_json:
            return _xml_payload(body.xml())
        try:
            root = body.json()
        except MicroIntegratorError as error:
            raise EvaluationError(f"the payload has no JSON form: {error}") from error
        return path.read(root, message)

    return Node(run, reads_body=True)


def _xml_payload(element: etree._Element | None) -> object:
    if element is not None and element.tag == _TEXT_PAYLOAD:
        return element.text or ""
    return element


def variable(name: str, path: Path) -> Node:
    """`vars.NAME…`; a string variable is read as JSON when a path follows."""

    def run(message: EvaluationTarget) -> object:
        value = message.variables.get(name)
        if value is None:
            raise EvaluationError(f"Variable {name} is not defined")
        return into(value, path, message)

    return Node(run, reads_body=path.reads_body)


def into(value: object, path: Path, message: EvaluationTarget) -> object:
    """What `path` finds in a JSON value or a JSON text. Raises EvaluationError."""
    if not path.steps:
        return value
    if isinstance(value, str):
        value = parse_json(value)
    if not isinstance(value, dict | list):
        raise EvaluationError("a path needs a JSON object or array to go into")
    return path.read(value, message)


def header(name: str) -> Node:
    """`headers.NAME`: a transport header."""
    return _outside(f"Header {name}", lambda message: message.headers.get(name))


def message_property(kind: str, name: str) -> Node:
    """`props.synapse.NAME` or `props.axis2.NAME`."""
    scope = PROPERTY_SCOPES[kind]
    return _outside(f"Property {name}", lambda message: message.properties.get(name, scope))


def parameter(kind: str, name: str) -> Node:
    """`params.KIND.NAME`: of the query, the path or the innermost template."""
    if kind == "functionParams":
        return _outside(f"Function parameter {name}", lambda message: function_parameter(message, name))
    key = PARAMETERS[kind] + name
    return _outside(f"Parameter {name}", lambda message: message.properties.get(key))


def config(name: str) -> Node:
    """`configs.NAME`: a configuration property that a deployed application declared."""
    return _outside(f"Configuration {name}", lambda message: message.properties.get(name, "configs"))


def _outside(shown: str, read: Callable[[EvaluationTarget], object]) -> Node:
    def run(message: EvaluationTarget) -> object:
        value = read(message)
        if value is None:
            raise EvaluationError(f"{shown} is not defined")
        return LooseText(value) if isinstance(value, str) else value

    return Node(run)


def index_key(value: object) -> int | str:
    """What an index expression stands for: a whole number or a name. Raises EvaluationError."""
    value = plain(value)
    number = as_number(value)
    if isinstance(number, int):
        return number
    if isinstance(value, str):
        return str(value)
    raise EvaluationError("an index must be a whole number or a string")


def filter_value(value: object) -> object:
    """What a value of the message is inside a filter: text that is exactly a number is that number."""
    value = plain(value)
    if not isinstance(value, LooseText):
        return value
    number = as_number(value)
    return str(value) if number is None or text_of(number) != value else number


def registry_property(key: Node, name: Node) -> Node:
    """`registry(KEY).property(NAME)`."""

    def run(message: EvaluationTarget) -> object:
        path = f"{plain(key.run(message))}@{plain(name.run(message))}"
        if (value := message.properties.get(path, "registry")) is None:
            raise EvaluationError(f"there is no property '{path}' in the registry")
        return value

    return Node(run, key.reads_body or name.reads_body)


def suffixed(node: Node, path: Path) -> Node:
    """A path into the result of `registry()`, `object()` or `array()`."""

    def run(message: EvaluationTarget) -> object:
        return into(plain(node.run(message)), path, message)

    return Node(run, node.reads_body or path.reads_body)
