"""<payloadFactory> - put a new payload in the place of the old one.

    <payloadFactory [media-type="xml | json | text"] [template-type="default"] [escapeXmlChars="BOOL"]>
      <format [key="KEY | {EXPR}"]> one element | TEXT </format>
      [<args>
        (<arg (value="TEXT" | expression="EXPR") [evaluator="xml | json"] [literal="BOOL"]/>)*
      </args>]
    </payloadFactory>

media-type       what the format is: xml (the default), json or text
template-type    default; freemarker is not supported
format           the new payload (required): an element for xml, text for json and text; white space around JSON is
                 removed. `$1`, `$2` ... stand for the arguments in their order, `${}` for expressions
key              an entry that holds the format instead, or in braces an expression for its key
arg              an argument: `value`, a text, or `expression`, in any expression language
evaluator        json reads `expression` as JSONPath without json-eval() around it
literal          true: the argument is escaped as text of a JSON string, whatever it is
escapeXmlChars   true: line breaks and other control characters inside JSON objects are escaped

What replaces a place depends on the target. xml: a document is inserted as it is, JSON objects are converted, other
text is escaped. json: text is escaped but not put in quotes - write "$1" for strings, $1 for numbers and objects -
and documents are converted. text: anything as it is. An argument that is null leaves nothing. With the property
QUOTE_STRING_IN_PAYLOAD_FACTORY_JSON set to true, texts that stand bare in JSON are put in quotes.

Returns True. Faults when the result is not what media-type says, and with `Key KEY not found `. Reads the body when an
expression does, and when the format comes from an entry.

Example:

    <sequence xmlns="http://ws.apache.org/ns/synapse" name="build">
      <payloadFactory media-type="json">
        <format>{"id": "$1", "size": ${payload.items.length()}, "task": "${props.synapse['task.name']}"}</format>
        <args><arg expression="json-eval($.order.id)"/></args>
      </payloadFactory>
      <payloadFactory>
        <format><order xmlns=""><id>$1</id></order></format>
        <args><arg evaluator="json" expression="$.id"/></args>
      </payloadFactory>
    </sequence>
"""

from functools import lru_cache
from typing import Self, cast

from lxml import etree

from micro_integrator.synapse.errors import FormatError, MediationError
from micro_integrator.synapse.expressions import Expression, ExpressionError
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.formats import Json, JsonValue, Text, Xml, read_json, read_xml, soap
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import boolean, one_of
from micro_integrator.synapse.mediator import Mediator, mediator
from micro_integrator.synapse.message import Message
from micro_integrator.synapse.payload_template import Argument, PayloadTemplate, Target

MEDIA_TYPES = {"xml": "application/xml", "json": "application/json", "text": "text/plain"}
READ_LATER = frozenset({"application/xml", "application/json"})
"""What goes out as it was made, and is read when somebody asks: a sound text needs no look, and no envelope."""
XML_TYPES = soap.MEDIA_TYPES | {"application/xml"}
CUT_FORMATS = 256
"""Formats from entries that are kept cut into pieces."""

Namespaces = tuple[tuple[str, str], ...]


@mediator("payloadFactory")
class PayloadFactory(Mediator):
    """Makes a payload."""

    target: Target
    template: PayloadTemplate | None
    """The format, None when an entry holds it."""
    key: Expression | None
    arguments: tuple[Argument, ...]
    namespaces: Namespaces

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read format and arguments; a format written in place is cut here."""
        target = cast(Target, x.attribute("media-type", one_of(*MEDIA_TYPES), "xml"))
        template_type = x.attribute("template-type", one_of("default", "freemarker"), "default")
        x.attribute("escapeXmlChars", boolean, False)
        arguments = x.first("args", _arguments) or ()
        formats = list(x.children("format"))
        if template_type == "freemarker":
            for part in formats:
                part.ignore()
            raise x.error(
                "<payloadFactory template-type='freemarker'> is not supported: write a default template"
            )
        if not formats:
            raise x.error("<payloadFactory> needs a <format>")
        key, template = _format(formats[0], target, arguments)
        return cls(target, template, key, arguments, tuple(formats[0].namespaces.items()))

    @property
    def reads_body(self) -> bool:
        """Whether the payload must be here: something of it goes into the new one, or nobody knows yet."""
        return self.template is None or self.template.reads_body

    async def mediate(self, message: Message, flow: Flow) -> bool:
        """Fill the format and make the result the payload."""
        text, is_sound = (self.template or self._looked_up(message)).render(message)
        media_type = self._announced(message)
        if is_sound and media_type in READ_LATER:
            message.body.set_bytes(text.encode("utf-8", "replace"), media_type)
            if message.has_headers:
                message.headers.remove("Content-Encoding")  # it was about the bytes that came
        elif self.target == "xml":
            message.body.set_content(Xml(_document(text)))
        elif self.target == "json":
            message.body.set_content(Json(_json(text), text))
        else:
            message.body.set_content(Text(text))
        message.announce(media_type)
        message.axis2.pop("NO_ENTITY_BODY", None)
        return True

    def _looked_up(self, message: Message) -> PayloadTemplate:
        key = (self.key.text(message) if self.key is not None else None) or ""
        found = message.entry(key)
        if isinstance(found, etree._Element):
            found = etree.tostring(found, encoding="unicode", with_tail=False)
        if not isinstance(found, str):
            raise MediationError(f"Key {key} not found ")
        try:
            return _cut(_trimmed(found, self.target), self.target, self.arguments, self.namespaces)
        except (ExpressionError, FormatError) as error:
            raise MediationError(f"The format {key} cannot be used: {error}") from error

    def _announced(self, message: Message) -> str:
        """Return the media type of the result; an XML message stays what it was announced as."""
        former = message.axis2.get("messageType")
        if self.target == "xml" and isinstance(former, str) and former in XML_TYPES:
            return former
        return MEDIA_TYPES[self.target]


def _arguments(x: XmlReader) -> tuple[Argument, ...]:
    return tuple(_argument(part) for part in x.children("arg"))


def _argument(x: XmlReader) -> Argument:
    value, text = x.attribute("value"), x.attribute("expression")
    evaluator = x.attribute("evaluator", one_of("xml", "json"), "xml")
    is_literal = x.attribute("literal", boolean, False)
    if value is not None:
        return Argument(value, is_literal=is_literal)
    if text is None:
        x.report("<arg> needs the attribute 'value' or 'expression'")
        text = "''"
    is_path = evaluator == "json" and not text.startswith(("json-eval(", "${"))
    source = f"json-eval({text})" if is_path else text
    gives_text = not source.startswith(("json-eval(", "${"))
    return Argument(x.compiled(source), gives_text, is_literal)


def _format(
    x: XmlReader, target: Target, arguments: tuple[Argument, ...]
) -> tuple[Expression | None, PayloadTemplate | None]:
    if x.has("key"):
        key = x.required_dynamic("key")
        if key.is_constant:
            x.refer("entry", key.source)
        return key, None
    text = _inline_xml(x) if target == "xml" else _trimmed(x.text(), target)
    try:
        return None, PayloadTemplate(text, target, arguments, x.namespaces)
    except (ExpressionError, FormatError) as error:
        raise x.error(f"<format>: {error}") from error


def _trimmed(text: str, target: Target) -> str:
    """Return a format without the white space around JSON, which clients of the reference never see."""
    return text.strip() if target == "json" else text


def _inline_xml(x: XmlReader) -> str:
    text, element = x.text().strip(), x.content()
    if element is None:
        return text  # a document in CDATA
    for part in element.iter(etree.Element):
        if len(part) and not (part.text or "").strip():
            part.text = None
        if not (part.tail or "").strip():
            part.tail = None
    return etree.tostring(element, encoding="unicode")


@lru_cache(CUT_FORMATS)
def _cut(
    text: str, target: Target, arguments: tuple[Argument, ...], namespaces: Namespaces
) -> PayloadTemplate:
    return PayloadTemplate(text, target, arguments, dict(namespaces))


def _document(text: str) -> etree._Element:
    if not text.lstrip().startswith("<"):
        raise MediationError("Generated content is not a valid XML payload")
    try:
        return read_xml(text)
    except FormatError as error:
        raise MediationError(
            f"Error creating SOAP Envelope from source {text:.1000}", detail=str(error)
        ) from error


def _json(text: str) -> JsonValue:
    try:
        return read_json(text)
    except FormatError as error:
        raise MediationError(f"Generated content is not a valid JSON payload: {error.message}") from error
