"""<default> - an endpoint that sends to the message's own To address.

<default [format="..."] [encoding="CHARSET"]> common children </default>
"""

from typing import ClassVar

from micro_integrator.synapse.endpoints.address import with_postfix
from micro_integrator.synapse.endpoints.definition import Definition
from micro_integrator.synapse.endpoints.leaf import Destination, Leaf, Setting
from micro_integrator.synapse.endpoints.responding import ANONYMOUS
from micro_integrator.synapse.endpoints.state import Rules
from micro_integrator.synapse.errors import MediationError
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.message import Message


class Default(Leaf):
    """Sends where the message says."""

    label: ClassVar[str] = "Currently , Default endpoint"

    @classmethod
    def read(cls, x: XmlReader, setting: Setting) -> "Default":
        """Read <default>."""
        return cls(setting, Definition.read(x))

    def destination(self, message: Message) -> Destination:
        """Return the To address."""
        if not message.to or message.to == ANONYMOUS:
            raise MediationError("There is no endpoint, and the message has no To address to send it to")
        return Destination(
            message.to if self.definition.is_soap else with_postfix(message.to, message), is_static=False
        )


TO_ADDRESS = Default(
    Setting("To"), Definition(rules=Rules(marking=frozenset({-1}), suspending=frozenset({-1})))
)
"""Where a message goes that is sent without an endpoint. It is many places, so none of them can suspend it."""
