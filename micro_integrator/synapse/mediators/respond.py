"""<respond> - send the message back to whoever is waiting for it.

    <respond/>

The answer has the status of the axis2 property HTTP_SC, else 500 for a SOAP fault and 200 for anything else. A
message that nobody waits for, such as that of a task, ends here with a warning.

Returns False. Does not read the body by itself: an unread one goes out as it comes in.

Example:

    <sequence xmlns="http://ws.apache.org/ns/synapse" name="answer">
      <respond/>
    </sequence>
"""

from typing import Self

from micro_integrator.observability import get_logger
from micro_integrator.synapse.answering import answer
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.mediator import Mediator, mediator
from micro_integrator.synapse.message import Message

log = get_logger("RespondMediator")


@mediator("respond")
class Respond(Mediator):
    """Answers and ends the flow."""

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read the element, which has nothing to say."""
        return cls()

    @property
    def reads_body(self) -> bool:
        """Whether the payload must be here: no, it is passed on as it arrives."""
        return False

    async def mediate(self, message: Message, flow: Flow) -> bool:
        """Answer through the reply channel of the flow, if it has one."""
        message.to, message.is_response = None, True
        if flow.reply is None:
            log.warning("Nobody waits for an answer to message {id}: <respond> ends it", id=message.id)
            return False
        await answer(message, flow.reply)
        return False
