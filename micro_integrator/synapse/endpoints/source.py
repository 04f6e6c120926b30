"""<source> of <call> - what is sent instead of the payload."""

from dataclasses import dataclass
from typing import Literal, Self, cast

from lxml import etree

from micro_integrator.synapse.errors import MediationError
from micro_integrator.synapse.expressions import Expression
from micro_integrator.synapse.formats import Content, Json, Xml, charset_of, standalone, understood_text
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import one_of
from micro_integrator.synapse.message import Body, Message

Kind = Literal["custom", "property", "inline", "body"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where to take what is sent."""

    kind: Kind
    expression: Expression | None
    """For `custom`."""
    text: str
    """For `property` its name, for `inline` what stands inside."""
    element: etree._Element | None
    content_type: str

    @classmethod
    def read(cls, x: XmlReader) -> Self:
        """Read <source>."""
        kind = cast(Kind, x.attribute("type", one_of("custom", "property", "inline", "body"), "custom"))
        element, text = x.content() if kind == "inline" else None, x.text().strip()
        if kind in {"custom", "property"} and not text:
            x.report(f"<source type='{kind}'> is empty")
        is_braced = text.startswith("{") and text.endswith("}")
        return cls(
            kind,
            x.compiled(text[1:-1] if is_braced else text) if kind == "custom" and text else None,
            text,
            element,
            x.attribute("contentType") or "",
        )

    def put_into(self, message: Message) -> None:
        """Replace the payload of `message` and its type. Raises MediationError when there is nothing to send."""
        if self.kind != "body":
            message.body = self._body(message)
            axis2 = message.axis2
            axis2.pop("messageType", None)
            axis2.pop("ContentType", None)
            axis2.pop("NO_ENTITY_BODY", None)
        if self.content_type:
            message.properties.set("messageType", self.content_type.partition(";")[0].strip(), "axis2")
            message.properties.set("ContentType", self.content_type, "axis2")

    def _body(self, message: Message) -> Body:
        value = self._value(message)
        if value is None:
            raise MediationError(f"<source type='{self.kind}'> '{self.text}' has no value to send")
        if isinstance(value, str) and self.content_type:
            raw = value.encode(charset_of(self.content_type), "replace")
            return Body.of_bytes(raw, self.content_type)
        return Body(content_of(value))

    def _value(self, message: Message) -> object:
        if self.expression is not None:
            return self.expression.value(message)
        if self.kind == "property":
            return message.properties.get(self.text)
        return self.text if self.element is None else self.element


def content_of(value: object) -> Content:
    """Return a value of an expression as a payload; text is taken for what it begins like."""
    if isinstance(value, list) and value and isinstance(value[0], etree._Element):
        value = value[0]
    if isinstance(value, etree._Element):
        return Xml(standalone(value))
    if not isinstance(value, str):
        return Json(value)  # type: ignore[arg-type]  # whatever else an expression gives is a JSON value
    return understood_text(value)
