"""<target> of <call> - where the response goes when it does not replace the payload."""

from dataclasses import dataclass
from typing import Literal, Self, cast

from micro_integrator.synapse.expressions import Expression, Static
from micro_integrator.synapse.formats import Binary, Json, Text, Xml
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import one_of
from micro_integrator.synapse.message import Body, Message
from micro_integrator.synapse.ports import Response

Kind = Literal["property", "variable"]


@dataclass(frozen=True, slots=True)
class Target:
    """A property or a variable."""

    kind: Kind
    name: Expression

    @classmethod
    def read(cls, x: XmlReader) -> Self | None:
        """Read <target>; None when it says `body`, which is what happens without it."""
        kind = x.attribute("type", one_of("property", "variable", "body"), "body")
        text = x.text().strip()
        if kind == "body":
            return None
        if not text:
            x.report(f"<target type='{kind}'> needs the name of the {kind}")
        is_braced = text.startswith("{") and text.endswith("}")
        return cls(cast(Kind, kind), x.compiled(text[1:-1]) if is_braced else Static(text))

    def fill(self, message: Message, response: Response) -> None:
        """Store the response; nothing else of the message changes. Raises FormatError when it cannot be read."""
        response.body.formats = message.surroundings.formats
        name, payload = self.name.text(message) or "", _value_of(response.body)
        if self.kind == "variable":
            message.variables[name] = {
                "payload": payload,
                "headers": dict(response.headers),
                "attributes": {"statusCode": response.status, "reasonPhrase": response.reason},
            }
        else:
            message.properties.set(name, "" if payload is None else payload)


def _value_of(body: Body) -> object:
    content = body.content()
    if isinstance(content, Json):
        return content.value
    if isinstance(content, Xml):
        return body.xml()
    if isinstance(content, Text):
        return content.text
    return content.raw if isinstance(content, Binary) else None
