"""<log> - write a line to the log.

    <log [level="LEVEL"] [category="CATEGORY"] [separator="TEXT"] [logFullPayload="BOOL"] [logMessageID="BOOL"]>
      [<message>TEMPLATE</message>]
      (<property name="NAME" (value="TEXT" | expression="EXPR") [scope="SCOPE"]/>)*
      (<property name="NAME"> one element </property>)*
    </log>

level            simple (the default): addresses, MessageID, direction; full: the same, then the payload; headers: the
                 SOAP header blocks; custom: only what stands inside. With a message and no level only message and
                 properties are written, in an API behind method and path of the request
category         INFO (the default), TRACE, DEBUG, WARN, ERROR or FATAL, in any case
separator        stands between the parts, ", " by default; `\\n` and `\\t` mean line break and tabulator
logFullPayload   true is level full
logMessageID     true puts MessageID and correlation id first where they would not be written
message          a text with expressions in ${}; `\\n` and `\\t` as above
property         is written as NAME = VALUE
name             what to call the value (required)
value            a text
expression       gives the value, in any expression language; a null is written as null
scope            has no effect

What the patterns of [mediation] log_mask_patterns find is masked; a line ends at log_line_max_bytes. In payloads, the
values of members, elements and attributes whose names end with password, secret, token, authorization, cookie or apikey
are masked without any pattern.

Returns True. Faults with `Could not build full log message` when the payload cannot be read. Reads the body at level
full, and where an expression does.

Example:

    <sequence xmlns="http://ws.apache.org/ns/synapse" name="tell">
      <log/>
      <log level="full" category="debug"/>
      <log separator=" | ">
        <message>order ${payload.order.id} of ${props.synapse.customer}</message>
        <property name="step" value="1"/>
        <property name="task" expression="get-property('task.name')"/>
      </log>
    </sequence>
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

from lxml import etree

from micro_integrator.observability import MASK, get_logger, level_number
from micro_integrator.synapse.errors import FormatError, MediationError
from micro_integrator.synapse.expressions import Expression, ExpressionError, Template
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.formats import soap
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import boolean
from micro_integrator.synapse.mediator import Mediator, mediator
from micro_integrator.synapse.message import Message
from micro_integrator.synapse.payload_secrets import without_secrets

log = get_logger("LogMediator")

LEVELS = ("simple", "headers", "full", "custom")
WRITERS: dict[str, Callable[..., None]] = {
    "INFO": log.info,
    "TRACE": log.trace,
    "DEBUG": log.debug,
    "WARN": log.warning,
    "ERROR": log.error,
    "FATAL": log.critical,
}
ON_DEMAND = frozenset({"DEBUG", "TRACE"})
"""Categories whose text is made only when somebody listens."""


@dataclass(frozen=True, slots=True)
class LogProperty:
    """One `name = value` of a line."""

    name: str
    value: str | Expression

    @classmethod
    def read(cls, x: XmlReader) -> "LogProperty":
        """Read <property>; an element inside becomes its text."""
        name, value = x.required("name"), x.attribute("value")
        expression, element = x.attribute("expression"), x.content()
        x.attribute("scope")
        if value is not None:
            return cls(name, value)
        if element is not None:
            return cls(name, etree.tostring(element, encoding="unicode"))
        if not expression:
            x.report("<property> of <log> needs the attribute 'value' or 'expression', or an element")
        return cls(name, x.compiled(expression or "''"))

    def text(self, message: Message) -> str:
        """Return what to write."""
        if isinstance(self.value, str):
            return f"{self.name} = {self.value}"
        found = self.value.text(message)
        return f"{self.name} = {'null' if found is None else found}"


@mediator("log")
class Log(Mediator):
    """Writes one line."""

    level: str
    """One of LEVELS; `custom` also stands for a message without a level."""
    category: str
    separator: str
    shows_id: bool
    template: Template | None
    names_request: bool
    """Whether a line of an API says which request it is about: a message without a level."""
    properties: tuple[LogProperty, ...]

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read the element; what cannot be a level or a category says so in the words users search for."""
        template = x.first("message", _template)
        level = x.attribute("level") or ("simple" if template is None else "custom")
        if level not in LEVELS:
            x.report(f"Invalid log level. Level has to be one of the following : {', '.join(LEVELS)}")
        if x.attribute("logFullPayload", boolean, False):
            level = "full"
        category = (x.attribute("category") or "INFO").strip().upper()
        if category not in WRITERS:
            x.report(f"Invalid log category. Category has to be one of the following : {', '.join(WRITERS)}")
        return cls(
            level=level,
            category=category,
            separator=_unescaped(x.attribute("separator", str, ", ")),
            shows_id=x.attribute("logMessageID", boolean, False),
            template=template,
            names_request=template is not None and not x.has("level") and level != "full",
            properties=tuple(LogProperty.read(part) for part in x.children("property")),
        )

    @property
    def reads_body(self) -> bool:
        """True if the payload or something in it is written."""
        if self.level in {"full", "headers"} or (self.template is not None and self.template.reads_body):
            return True
        return any(part.value.reads_body for part in self.properties if isinstance(part.value, Expression))

    async def mediate(self, message: Message, flow: Flow) -> bool:
        """Write the line."""
        if self.category in ON_DEMAND and not log.enabled(self.category):
            return True
        label = self._label(message, flow)
        text = self._presentable(self.separator.join(self._parts(message)), message)
        fields: dict[str, object] = {
            "mediator": message.position,
            "message_id": message.id,
            "correlation_id": message.properties.get("correlation_id", "axis2"),
        }
        WRITERS[self.category]("{text}", text=f"{{{label}}} {text}" if label else text, **fields)
        if (own_log := flow.api_log) is not None:
            own_log.tell(level_number(self.category), "{text}", {"text": text, **fields})
        return True

    def _label(self, message: Message, flow: Flow) -> str:
        method = message.default.get("REST_METHOD") if self.names_request else None
        if method is None or not flow.label.startswith("api:"):
            return flow.label
        return f"{flow.label} {method} {message.default.get('REST_FULL_REQUEST_PATH', '')}"

    def _presentable(self, text: str, message: Message) -> str:
        """Return a line without what must not be seen, and no longer than it may be."""
        surroundings = message.surroundings
        for pattern in surroundings.masks:
            text = pattern.sub(MASK, text)
        text, remark = _cut(text, surroundings.max_log_line)
        return f"{without_secrets(text) if self.level == 'full' else text}{remark}"

    def _parts(self, message: Message) -> Iterator[str]:
        if self.level == "custom" and self.shows_id:
            yield from _identity(message)
        if self.template is not None:
            yield _unescaped(self.template.render(message))
        if self.level in {"simple", "full"}:
            yield from _addresses(message)
        elif self.level == "headers":
            yield from _header_blocks(message)
        for part in self.properties:
            yield part.text(message)
        if self.level == "full":
            yield _payload(message)


def _template(x: XmlReader) -> Template | None:
    try:
        return Template(x.text(), x.namespaces)
    except ExpressionError as error:
        x.report(f"Invalid message template : {error}")
        return None


def _unescaped(text: str) -> str:
    return text.replace("\\n", "\n").replace("\\t", "\t")


def _addresses(message: Message) -> Iterator[str]:
    yield f"To: {message.to or ''}"
    fields = (
        ("From", message.from_),
        ("WSAction", message.action),
        ("SOAPAction", message.soap_action),
        ("ReplyTo", message.reply_to),
    )
    for name, value in fields:
        if value is not None:
            yield f"{name}: {value}"
    yield from _identity(message)
    yield f"Direction: {'response' if message.goes_back else 'request'}"


def _identity(message: Message) -> Iterator[str]:
    yield f"MessageID: {message.id}"
    correlation_id = message.properties.get("correlation_id", "axis2")
    if correlation_id is not None:
        yield f"correlation_id: {correlation_id}"


def _header_blocks(message: Message) -> Iterator[str]:
    correlation_id = message.properties.get("correlation_id", "axis2")
    if correlation_id is not None:
        yield f" correlation_id : {correlation_id}"
    header = soap.header_of(message.body.envelope())
    for block in () if header is None else header.iterchildren(etree.Element):
        yield f"{etree.QName(block).localname} : {block.text or ''}"


def _payload(message: Message) -> str:
    try:
        if message.body.is_json:
            return f"Payload: {message.body.json_text()}"
        return f"Envelope: {etree.tostring(message.body.envelope(), encoding='unicode')}"
    except FormatError as error:
        text = f"Could not build full log message: {error.message}"
        raise MediationError(text, code=error.code) from error


def _cut(text: str, limit: int) -> tuple[str, str]:
    """Return the first `limit` bytes of a text, and what is said about the others."""
    if len(text) * 4 <= limit or len(raw := text.encode("utf-8", "replace")) <= limit:
        return text, ""
    return raw[:limit].decode("utf-8", "ignore"), f"… ({len(raw) - limit} bytes more)"
