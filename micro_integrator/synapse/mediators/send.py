"""<send> - send the message to an endpoint; the response goes its own way.

    <send [receive="KEY | {EXPR}"] [buildmessage="BOOL"]> [<endpoint> ... </endpoint>] </send>

endpoint       where to send: an endpoint written here like the artifact <endpoint>, or one by its `key`. Without one a
               request goes to its To address, and a response back to whoever waits for it; with the property
               RESPONSE = true a request counts as a response
receive        sequence that gets the response; without it the response goes through the outSequence of the API's
               resource, or back to whoever waits for the message, and if nobody does, into the sequence `main`
buildmessage   has no effect: the payload is complete when it is sent

The response takes the place of payload and headers; properties and variables stay. Its status, whatever it is, stands
in the axis2 property HTTP_SC. With the property OUT_ONLY = true nobody waits for a response.

Returns False: nothing behind it runs. Faults when the back end cannot be reached, or does not answer in time. Does not
read the body by itself: an unread one goes out as it comes in.

Example:

    <sequence xmlns="http://ws.apache.org/ns/synapse" name="notify">
      <send receive="notified">
        <endpoint key="Notifier"/>
      </send>
    </sequence>
"""

from typing import Self

from micro_integrator.observability import get_logger
from micro_integrator.synapse.answering import answer
from micro_integrator.synapse.endpoints.default import TO_ADDRESS
from micro_integrator.synapse.endpoints.endpoint import Endpoint
from micro_integrator.synapse.endpoints.reading import read_endpoint
from micro_integrator.synapse.endpoints.responding import take_over
from micro_integrator.synapse.expressions import Expression
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import boolean
from micro_integrator.synapse.mediator import Mediator, mediator
from micro_integrator.synapse.message import Message

log = get_logger("SendMediator")

MAIN = "main"


@mediator("send")
class Send(Mediator):
    """Sends, and hands the response on."""

    endpoint: Endpoint | None
    receive: Expression | None

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read the endpoint and who receives the response."""
        receive = x.dynamic("receive")
        if receive is not None and receive.is_constant:
            x.refer("sequence", receive.source)
        x.attribute("buildmessage", boolean)
        return cls(endpoint=x.first("endpoint", read_endpoint), receive=receive)

    @property
    def reads_body(self) -> bool:
        """Whether the payload must be here: only the endpoint may want that."""
        return self.receive is not None and self.receive.reads_body

    async def mediate(self, message: Message, flow: Flow) -> bool:
        """Send."""
        if self.endpoint is None and message.goes_back:
            await _send_back(message, flow)
            return False
        # looked up before the request becomes the response
        receiver = None if self.receive is None else self.receive.text(message)
        response = await (self.endpoint or TO_ADDRESS).call(message, flow)
        if response is None:
            return False
        take_over(response, message)
        message.is_response = True
        following = receiver or flow.out
        if following is not None:
            await flow.run_part(following, message)
        elif flow.reply is not None:
            await _send_back(message, flow)
        else:
            await flow.run_sequence(MAIN, message)
        return False


async def _send_back(message: Message, flow: Flow) -> None:
    """Answer whoever waits for the message."""
    if flow.reply is None:
        log.warning("Nobody waits for an answer to message {id}: <send> ends it", id=message.id)
        return
    await answer(message, flow.reply)
