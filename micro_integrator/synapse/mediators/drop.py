"""<drop> - end the processing of this message.

    <drop/>

Clears the To address. Whoever waits for an answer gets an empty one.

Returns False. Does not read the body.

Example:

    <sequence xmlns="http://ws.apache.org/ns/synapse" name="ignore">
      <drop/>
    </sequence>
"""

from typing import Self

from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.mediator import Mediator, mediator
from micro_integrator.synapse.message import Message


@mediator("drop")
class Drop(Mediator):
    """Ends the flow."""

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read the element, which has nothing to say."""
        return cls()

    @property
    def reads_body(self) -> bool:
        """False."""
        return False

    async def mediate(self, message: Message, flow: Flow) -> bool:
        """Stop."""
        message.to = None
        return False
