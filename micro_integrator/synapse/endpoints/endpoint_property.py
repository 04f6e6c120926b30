"""<property> of an endpoint: set on every message that goes there, before anything else is done with it."""

from dataclasses import dataclass
from typing import Self

from micro_integrator.synapse.expressions import Expression, Static
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import one_of
from micro_integrator.synapse.message import Message

SCOPES = ("default", "axis2", "transport", "axis2-client")


@dataclass(frozen=True, slots=True)
class EndpointProperty:
    """A name, a scope, and what to set."""

    name: str
    scope: str
    value: Expression

    @classmethod
    def read(cls, x: XmlReader) -> Self:
        """Read <property name (value | expression) [scope]>."""
        value, expression = x.resolved("value"), x.optional_expression("expression")
        if value is None and expression is None:
            x.report("<property> of <endpoint> needs the attribute 'value' or 'expression'")
        return cls(
            name=x.required("name"),
            scope=x.attribute("scope", one_of(*SCOPES), "default"),
            value=expression or Static(value or ""),
        )

    def apply(self, message: Message) -> None:
        """Set it; an expression without a value leaves the property as it is."""
        message.properties.set(self.name, self.value.text(message), self.scope)
