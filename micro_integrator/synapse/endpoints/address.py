"""<address> - an endpoint at a fixed address.

    <address uri="URI" [format="FORMAT"] [encoding="CHARSET"]> common children </address>

uri        where to send; the axis2 property REST_URL_POSTFIX is put behind it (required)
format     the form a message is brought into: soap11, soap12 (an envelope), pox (XML without one), rest (the payload as
           it is), get (no body, the children of the payload become a query), leave-as-is (the default)
encoding   charset of what is sent
"""

from typing import ClassVar

from micro_integrator.synapse.endpoints.definition import Definition
from micro_integrator.synapse.endpoints.leaf import Destination, Leaf, Setting
from micro_integrator.synapse.endpoints.rest_postfix import joined
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.message import Message

PROTOCOLS = frozenset({"http", "https"})


class Address(Leaf):
    """Sends to one URI."""

    label: ClassVar[str] = "Currently , Address endpoint"

    def __init__(self, setting: Setting, definition: Definition, uri: str) -> None:
        super().__init__(setting, definition)
        self.uri = uri

    @classmethod
    def read(cls, x: XmlReader, setting: Setting) -> "Address":
        """Read <address>; other protocols than HTTP are an error."""
        x.required("uri")
        uri = (x.resolved("uri") or "").strip()
        protocol, separator, _ = uri.partition(":")
        if uri and not separator:
            x.report(f"<address uri='{uri}'> does not begin with a protocol: expected http:// or https://")
        elif uri and protocol.lower() not in PROTOCOLS:
            x.report(f"<address uri='{uri}'>: the protocol {protocol} is not supported yet")
        return cls(setting, Definition.read(x), uri)

    def destination(self, message: Message) -> Destination:
        """Return the address, with what REST_URL_POSTFIX adds."""
        return Destination(
            self.uri if self.definition.is_soap else with_postfix(self.uri, message), is_static=True
        )


def with_postfix(address: str, message: Message) -> str:
    """Return the address, followed by the message's REST_URL_POSTFIX."""
    postfix = message.axis2.get("REST_URL_POSTFIX")
    return joined(address, str(postfix)) if postfix else address
