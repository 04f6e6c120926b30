"""<header> - set or remove an address, a SOAP header block or a transport header.

    <header name="NAME" (value="TEXT" | expression="EXPR") [scope="default | transport"] [type="OM"]/>
    <header> elements </header>
    <header name="NAME" action="remove" [scope="default | transport"]/>

name         To, From, Action, FaultTo, ReplyTo or RelatesTo; or prefix:local for a SOAP header block; with the scope
             transport any name
value        the text to set
expression   whose text is set, in any expression language; `value` goes before
scope        default (the default): addresses and SOAP header blocks; transport: headers of the protocol
type         OM: the text is a document, which is put inside the block
action       set (the default) or remove

A block is added to those of the same name, remove removes all of them. Elements inside <header> are added as they are.
A null becomes an empty text, with a warning.

Returns True. Reads the body when it works on SOAP header blocks.

Example:

    <sequence xmlns="http://ws.apache.org/ns/synapse" name="address">
      <header name="To" value="http://127.0.0.1:8080/orders"/>
      <header name="X-Run" scope="transport" expression="get-property('coordination.fire_key')"/>
      <header xmlns:t="urn:trace" name="t:Run" value="nightly"/>
      <header xmlns:t="urn:trace" name="t:Run" action="remove"/>
    </sequence>
"""

import copy
from typing import Self

from lxml import etree

from micro_integrator.observability import get_logger
from micro_integrator.synapse.errors import MediationError
from micro_integrator.synapse.expressions import Expression
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import one_of
from micro_integrator.synapse.mediator import Mediator, mediator
from micro_integrator.synapse.message import Message
from micro_integrator.synapse.typed_values import convert

log = get_logger("HeaderMediator")

ADDRESSES = {
    "To": "to",
    "From": "from_",
    "Action": "action",
    "FaultTo": "fault_to",
    "ReplyTo": "reply_to",
    "RelatesTo": "relates_to",
}
"""Name in an artifact → attribute of the message."""


@mediator("header")
class Header(Mediator):
    """Writes one header."""

    name: str
    """An address, a transport header, or `{namespace}local` of a block; empty when elements are added."""
    kind: str
    """`address`, `transport` or `block`."""
    removes: bool
    value: str | None
    expression: Expression | None
    holds_document: bool
    elements: tuple[etree._Element, ...]

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read the element; a prefix must be declared."""
        scope = x.attribute("scope", one_of("default", "transport"), "default")
        removes = x.attribute("action", one_of("set", "remove"), "set") == "remove"
        value, expression = x.attribute("value"), x.optional_expression("expression")
        name, elements = x.attribute("name"), _elements(x)
        if not removes and value is None and expression is None and not elements:
            x.report("<header> needs the attribute 'value' or 'expression', or elements to add")
        if name is None and (removes or not elements):
            x.required("name")
        kind = "transport" if scope == "transport" else "address" if name in ADDRESSES else "block"
        return cls(
            name=_block_name(name, x) if kind == "block" and name else name or "",
            kind=kind,
            removes=removes,
            value=value,
            expression=expression,
            holds_document=x.attribute("type", one_of("STRING", "OM"), "STRING") == "OM",
            elements=elements,
        )

    @property
    def reads_body(self) -> bool:
        """True if it works on the envelope, or its value comes out of the body."""
        return self.kind == "block" or (self.expression is not None and self.expression.reads_body)

    async def mediate(self, message: Message, flow: Flow) -> bool:
        """Set or remove."""
        if self.elements:
            for element in self.elements:
                message.body.add_header_block(copy.deepcopy(element))
        elif self.removes:
            self._remove(message)
        else:
            self._set(message, self._text(message, flow))
        return True

    def _text(self, message: Message, flow: Flow) -> str:
        text = self.expression.text(message) if self.value is None and self.expression else self.value
        if text is None:
            log.warning(
                "{prefix}The value of header {name} is null; it is set to an empty text",
                prefix=flow.prefix,
                name=self.name,
            )
        return text or ""

    def _set(self, message: Message, text: str) -> None:
        if self.kind == "address":
            setattr(message, ADDRESSES[self.name], text)
        elif self.kind == "transport":
            if "\r" in text or "\n" in text:
                raise MediationError(f"The value of header {self.name} has a line break")
            message.headers[self.name] = text
        else:
            message.body.add_header_block(self._block(text))

    def _block(self, text: str) -> etree._Element:
        block = etree.Element(self.name)
        try:
            if self.holds_document:
                document = convert(text, "OM")
                block.extend([document] if isinstance(document, etree._Element) else [])
            else:
                block.text = text
        except ValueError as error:
            raise MediationError(f"The value of header {self.name} cannot be used: {error}") from error
        return block

    def _remove(self, message: Message) -> None:
        if self.kind == "address":
            setattr(message, ADDRESSES[self.name], None)
        elif self.kind == "transport":
            message.headers.remove(self.name)
        else:
            message.body.remove_header_blocks(self.name)


def _elements(x: XmlReader) -> tuple[etree._Element, ...]:
    found = []
    while (element := x.content()) is not None:
        found.append(element)
    return tuple(found)


def _block_name(name: str, x: XmlReader) -> str:
    prefix, separator, local = name.partition(":")
    namespace = x.namespaces.get(prefix)
    if not separator or not local:
        x.report(
            f"Invalid SOAP header: {name} specified at the header mediator. "
            "All SOAP headers must be namespace qualified."
        )
        return name.replace(":", "")
    if namespace is None:
        x.report(f"<header name='{name}'>: the prefix '{prefix}' is not declared")
        return local
    return f"{{{namespace}}}{local}"
