"""<call> - send the message to an endpoint, wait for the response, go on with it.

    <call [blocking="BOOL"]>
      [<endpoint> ... </endpoint>]
      [<source [type="custom | property | inline | body"] [contentType="TYPE"]> EXPR | NAME | XML | TEXT </source>]
      [<target [type="property | variable | body"]> NAME | {EXPR} </target>]
    </call>

endpoint      where to send: an endpoint written here like the artifact <endpoint>, or one by its `key`; without one
              the To address
blocking      true: a status from 400 on is a fault, unless the axis2 property non.error.http.status.codes lists it;
              statuses of error.http.status.codes always are. Nothing else differs, and nobody is blocked
source        what to send instead of the payload
target        where the response goes; the payload, the headers and their type then stay as they were
type          custom: the value of an expression (the default of source); property: that of a property; inline: what
              stands inside; body: the payload. Of target: a property, a variable, or body (the default), the payload
contentType   media type of what is sent

Without a target the response takes the place of payload and headers; properties and variables stay. Its status,
whatever it is, stands in the axis2 property HTTP_SC. A variable gets {payload, headers, attributes.statusCode}. With
the property OUT_ONLY = true the flow goes on at once and nobody waits for a response. `initAxis2ClientOptions`,
`axis2xml` and `repository` have no effect.

Returns True; False after a time-out whose endpoint says `discard`. Faults when the back end cannot be reached, or does
not answer in time. Reads the body when there is a source or a target; else an unread one goes out as it comes in.

Example:

    <sequence xmlns="http://ws.apache.org/ns/synapse" name="lookup">
      <call><endpoint key="Orders"/></call>
      <log><message>${payload.state}</message></log>
      <call>
        <endpoint key="Billing"/>
        <source type="inline" contentType="application/json">{"state": "paid"}</source>
        <target type="variable">bill</target>
      </call>
    </sequence>
"""

from collections.abc import Callable
from typing import Self

from micro_integrator.observability import get_logger
from micro_integrator.synapse.endpoints.default import TO_ADDRESS
from micro_integrator.synapse.endpoints.endpoint import Endpoint
from micro_integrator.synapse.endpoints.outgoing import is_one_way
from micro_integrator.synapse.endpoints.reading import read_endpoint
from micro_integrator.synapse.endpoints.responding import note_status, take_over
from micro_integrator.synapse.endpoints.source import Source
from micro_integrator.synapse.endpoints.target import Target
from micro_integrator.synapse.errors import MediationError
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import boolean
from micro_integrator.synapse.mediator import Mediator, mediator
from micro_integrator.synapse.message import Message
from micro_integrator.synapse.ports import Response

log = get_logger("CallMediator")

BLOCKING_FAILED, CALL_FAILED = 401002, 401003

_ANNOUNCED = ("messageType", "ContentType", "NO_ENTITY_BODY")
_WITHOUT_EFFECT = ("initAxis2ClientOptions", "axis2xml", "repository")


@mediator("call")
class Call(Mediator):
    """Sends, waits, goes on."""

    endpoint: Endpoint
    is_blocking: bool
    source: Source | None
    target: Target | None

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read the endpoint, what to send there and where to put what comes back."""
        for name in _WITHOUT_EFFECT:
            if x.attribute(name) is not None and name != "initAxis2ClientOptions":
                x.note(f"<call {name}> has no effect")
        return cls(
            endpoint=x.first("endpoint", read_endpoint) or TO_ADDRESS,
            is_blocking=x.attribute("blocking", boolean, False),
            source=x.first("source", Source.read),
            target=x.first("target", Target.read),
        )

    @property
    def reads_body(self) -> bool:
        """Whether the payload must be here: it is to be kept, or something is taken out of it."""
        return self.source is not None or self.target is not None

    async def mediate(self, message: Message, flow: Flow) -> bool:
        """Call."""
        if self.target is None:
            response = await self._response(message, flow)
        else:
            restore = _keeping(message)
            try:
                response = await self._response(message, flow)
            finally:
                restore()
        if response is None:
            return is_one_way(message)
        if self.is_blocking and is_refused(response.status, message):
            take_over(response, message)
            raise _blocking_failure(response, message, flow)
        if self.target is None:
            take_over(response, message)
        else:
            note_status(response, message)
            await response.body.buffer(message.surroundings.max_payload)
            self.target.fill(message, response)
        return True

    async def _response(self, message: Message, flow: Flow) -> Response | None:
        if self.source is not None:
            self.source.put_into(message)
        try:
            return await self.endpoint.call(message, flow)
        except MediationError as error:
            if error.code == MediationError.default_code:  # it has not even come to a back end
                error.code = BLOCKING_FAILED if self.is_blocking else CALL_FAILED
            raise


def _keeping(message: Message) -> Callable[[], None]:
    """Return what puts payload, headers and their type back as they are now; the call gets headers of its own."""
    body, headers = message.body, message.headers
    message.headers = headers.copy()
    is_plain, is_get = message.is_plain, message.is_get
    axis2 = message.axis2
    announced = {name: axis2.get(name) for name in _ANNOUNCED}

    def restore() -> None:
        message.body, message.headers = body, headers
        message.is_plain, message.is_get = is_plain, is_get
        for name, value in announced.items():
            if value is None:
                axis2.pop(name, None)
            else:
                axis2[name] = value

    return restore


def is_refused(status: int, message: Message) -> bool:
    """Return whether a blocking call takes `status` for a failure."""
    if status in _statuses("error.http.status.codes", message):
        return True
    return status >= 400 and status not in _statuses("non.error.http.status.codes", message)


def _statuses(name: str, message: Message) -> set[int]:
    words = str(message.properties.get(name, "axis2") or "").split(",")
    return {int(word) for word in words if word.strip().isdecimal()}


def _blocking_failure(response: Response, message: Message, flow: Flow) -> MediationError:
    log.error("{prefix}Error while performing the call operation in blocking mode", prefix=flow.prefix)
    message.default["blocking.sender.error"] = True
    text = f"Transport error: {response.status} Error: {response.reason}"
    return MediationError(text, code=BLOCKING_FAILED)
