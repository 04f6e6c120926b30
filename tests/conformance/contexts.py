"""The message of a unit case: made as the case says, and looked at afterwards."""

from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

from conformance.comparing import check
from conformance.corpus import Row
from conformance.definitions import XMLNS, read_all, sequence, undeclared
from conformance.verdict import Mismatch
from lxml import etree

from micro_integrator.kit import parse
from micro_integrator.synapse import Artifact, Body, Engine, Message, Surroundings
from micro_integrator.tasks import Task

_MEDIA_TYPES = {"json": "application/json", "xml": "application/xml", "text": "text/plain"}


class NoTasks:
    """Tasks are not run here."""

    def add(self, task: Task) -> None:
        raise AssertionError(task.name)

    def remove(self, name: str) -> None:
        raise AssertionError(name)


def artifacts_of(*texts: str) -> list[Artifact]:
    """Return the artifacts of these definitions. Raises Gap or Mismatch."""
    return [artifact for loaded in read_all(texts) for artifact in loaded.artifacts]


def engine_with(artifacts: list[Artifact]) -> Engine:
    """Return an engine in which they are deployed."""
    engine = Engine(Surroundings(), tasks=NoTasks())
    engine.graph = engine.graph.changed(add=artifacts)
    return engine


def artifacts_around(context: Row) -> list[Artifact]:
    """Return the sequences and local entries that a context names. Raises Gap or Mismatch."""
    sequences = [sequence(inside, name) for name, inside in context.get("sequences", {}).items()]
    entries = [_local_entry(key, entry) for key, entry in context.get("local_entries", {}).items()]
    return artifacts_of(*sequences, *entries)


def message_in(engine: Engine, context: Row) -> Message:
    """Return a message as `context` describes it."""
    message = engine.message(_body(context.get("payload")))
    for block in context.get("soap_headers", []):
        message.body.add_header_block(parse(block))
    for scope, key in (("default", "properties"), ("axis2", "axis2_properties")):
        for name, typed in context.get(key, {}).items():
            message.properties.set(name, _value(typed), scope)
    for name, typed in context.get("variables", {}).items():
        message.variables[name] = _value(typed)
    for name, typed in context.get("transport_headers", {}).items():
        message.headers[name] = str(_value(typed))
    message.to, message.soap_action = context.get("to"), context.get("soap_action")
    return message


def check_context(expected: list[Row], message: Message) -> None:
    """Compare what became of a message. Raises Mismatch for the first difference."""
    for one in expected:
        target, argument = one["target"], one.get("arg")
        if target == "transport" and argument is not None:
            argument = str(argument)  # whatever was put into a header, it is text from then on
        where = f"{target} {one.get('name', '')}".strip()
        check(one["op"], _part(target, one.get("name", ""), message), argument, where)


def _local_entry(key: str, entry: Row) -> str:
    content = undeclared(entry["xml"]) if "xml" in entry else escape(entry["text"])
    # with a prefix, so that an element without a namespace stays without one
    return f"<syn:localEntry {XMLNS.replace('=', ':syn=', 1)} key={quoteattr(key)}>{content}</syn:localEntry>"


def _body(payload: Row | None) -> Body:
    if not payload:
        return Body()
    media_type = _MEDIA_TYPES[payload["type"]]
    return Body.of_bytes(payload["text"].encode(), media_type)


def _value(typed: Row) -> object:
    value = typed.get("value")
    match typed["type"]:
        case "MAP":
            assert isinstance(value, dict)
            return {name: _value(inner) for name, inner in value.items()}
        case "XML":
            return parse(str(value))
        case "DOUBLE":
            return Decimal(str(value))
        case "JSON":
            return _exact(value)
        case _:
            return value


def _exact(value: object) -> object:
    """Return JSON with its fractions as they were written."""
    if isinstance(value, dict):
        return {name: _exact(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_exact(inner) for inner in value]
    return Decimal(str(value)) if isinstance(value, float) else value


def _part(target: str, name: str, message: Message) -> object:
    match target:
        case "property":
            return message.properties.get(name)
        case "axis2" | "transport" as scope:
            return message.properties.get(name, scope)
        case "variable":
            return message.variables.get(name)
        case "to":
            return message.to
        case "payload":
            return message.body.json_text() if message.body.is_json else message.body.xml()
        case "envelope":
            return message.body.envelope()
        case "body":
            return _soap_body(message.body.envelope())
        case _:
            raise Mismatch(f"the runner does not know the target '{target}'")


def _soap_body(envelope: etree._Element) -> etree._Element | None:
    return next(envelope.iterchildren(f"{{{etree.QName(envelope).namespace}}}Body"), None)
