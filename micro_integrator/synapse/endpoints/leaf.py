"""An endpoint of one address: asks whether it is ready, sends, waits as long as permitted, tells how it went."""

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from micro_integrator.kit import MicroIntegratorError
from micro_integrator.observability import get_logger
from micro_integrator.synapse.endpoints.definition import Definition
from micro_integrator.synapse.endpoints.endpoint import NOT_READY, Endpoint
from micro_integrator.synapse.endpoints.endpoint_property import EndpointProperty
from micro_integrator.synapse.endpoints.health import Admission, Health
from micro_integrator.synapse.endpoints.outgoing import (
    as_query,
    bring_into_form,
    is_one_way,
    request_for,
)
from micro_integrator.synapse.errors import CALL_TIMED_OUT, EndpointError, MediationError
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.formats import soap, soap_fault
from micro_integrator.synapse.message import Headers, Message, is_yes, until_writable
from micro_integrator.synapse.ports import Request, Response, Sender

log = get_logger("Endpoint")

SOAP_FAULT = 500000
ACCEPTED, GATEWAY_TIMEOUT = 202, 504

TIMER_TOLERANCE = 0.005
"""Seconds by which a timer may be early: who then failed did so because of it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What stands at <endpoint> itself."""

    name: str
    on_error: str | None = None
    """Key of the sequence that runs when the endpoint fails."""
    properties: tuple[EndpointProperty, ...] = ()


@dataclass(slots=True)
class Destination:
    """Where one message goes."""

    url: str
    is_static: bool
    """Whether the host is named by the artifact, not by the message."""
    method: str | None = None
    authorization: str | None = None


class Leaf(Endpoint):
    """Base of the kinds, which differ in how they come to their address."""

    label: ClassVar[str]
    """How the message that it is not ready begins."""

    def __init__(self, setting: Setting, definition: Definition) -> None:
        self._setting, self.definition = setting, definition
        self.health = Health(setting.name, definition.rules)
        self.reads_body = definition.reads_body or any(one.value.reads_body for one in setting.properties)
        """Whether the payload must have arrived before anything else is done."""

    @abstractmethod
    def destination(self, message: Message) -> Destination:
        """Return where the message goes. Raises MediationError when that cannot be found out."""

    async def call(self, message: Message, flow: Flow) -> Response | None:
        """Send and wait; see `Endpoint`."""
        outer = flow.handlers
        if self._setting.on_error is not None:
            self._guard(flow, self._setting.on_error)
        if message.body.is_unread and self.reads_body:
            await message.body.buffer(message.surroundings.max_payload)
        if "FORCE_SC_ACCEPTED" in message.axis2:
            await _accept(message, flow)
        admission = self._admitted()
        try:
            self._dress(message)
            is_alone = is_one_way(message)
            if message.body.is_unread:
                await _until_sendable(message, is_alone=is_alone)
            request = self._request(message, flow)
            sender = _sender_for(request.url, flow)
        except BaseException:
            self.health.came_to_nothing(admission)
            raise
        refused = _refused_faults(message)
        if is_alone:
            # the message goes on, and what is its own may change
            request.options, request.headers = dict(request.options), request.headers.copy()
            flow.engine.spawn(self._send_off(sender, request, admission, refused), "one way")
            flow.handlers = outer
            return None
        try:
            response = await self._send(sender, request, admission, refused)
        except EndpointError as error:
            error.is_of_sender = True
            message.properties.remove("NO_KEEPALIVE", "axis2")
            if error.code != CALL_TIMED_OUT:
                raise
            self._tell_expiry(request, admission, message, flow)
            if self.definition.time_limit.action != "discard":
                raise
            await _discard(flow)
            return None
        flow.handlers = outer
        return response

    def _guard(self, flow: Flow, key: str) -> None:
        handler = flow.branch(key)
        if handler is None:
            log.warning(
                "onError handler : {key} for endpoint : {name} cannot be found",
                key=key,
                name=self._setting.name,
            )
        else:
            flow.guard(handler)

    def _admitted(self) -> Admission:
        admission = self.health.admit()
        if admission is None:
            state = self.health.status.name
            raise EndpointError(
                f"{self.label} : [ Name : {self._setting.name} ] [ State : {state} ]", code=NOT_READY
            )
        return admission

    def _dress(self, message: Message) -> None:
        """Give the message what the artifact says: properties, form, charset."""
        for one in self._setting.properties:
            one.apply(message)
        definition = self.definition
        if definition.format is not None:
            bring_into_form(message, definition.format)
        if definition.charset is not None:
            message.axis2["CHARACTER_SET_ENCODING"] = definition.charset

    def _request(self, message: Message, flow: Flow) -> Request:
        destination = self.destination(message)
        url = destination.url
        if message.is_get and (query := as_query(message)):
            url += ("&" if "?" in url else "?") + query
        request = request_for(
            message,
            url,
            method="GET" if message.is_get else destination.method,
            time_limit=self.definition.time_limit.seconds_for(message),
            is_static=destination.is_static,
            before_sending=_lease_check(message, flow),
        )
        if destination.authorization is not None:
            request.headers = request.headers.having("Authorization", destination.authorization)
        return request

    async def _send(
        self, sender: Sender, request: Request, admission: Admission, refused: int | None
    ) -> Response:
        """Send and tell how that went; `refused`: bytes of a response in which a SOAP fault is an error."""
        try:
            response = await sender.send(request)
            if refused is not None:
                await _refuse_fault(response, refused, request.url)
        except EndpointError as error:
            code, state = int(error.code), error.protocol_state
            self.health.failed(admission, code, request.url, None if state is None else code + state)
            raise
        except BaseException:
            self.health.came_to_nothing(admission)
            raise
        self.health.answered(admission, response.status, request.url)
        return response

    async def _send_off(
        self, sender: Sender, request: Request, admission: Admission, refused: int | None
    ) -> None:
        try:
            await self._send(sender, request, admission, refused)
        except MicroIntegratorError as error:
            name, reason = self._setting.name, str(error)
            log.warning(
                "A message sent one way to {endpoint} has not arrived: {reason}", endpoint=name, reason=reason
            )

    def _tell_expiry(self, request: Request, admission: Admission, message: Message, flow: Flow) -> None:
        waited, limit = self.health.seconds_since(admission), request.time_limit
        is_own = self.definition.time_limit.is_own
        kind = "ENDPOINT_TIMEOUT" if is_own else "GLOBAL_TIMEOUT"
        if waited < limit - TIMER_TOLERANCE:
            kind, limit = "HTTP_CONNECTION_TIMEOUT", waited
        log.warning(
            "Expiring message ID : {id}; dropping message after {kind} of : {seconds:.3g} seconds for "
            "Endpoint [{name}], URI : {uri}{origin}",
            id=message.id,
            kind=kind,
            seconds=limit,
            name=self._setting.name,
            uri=request.url,
            origin=_origin(message, flow),
        )


def _origin(message: Message, flow: Flow) -> str:
    """Return how a line goes on that tells where a message has come in: nothing for one that no client has sent."""
    kind, _, name = flow.label.partition(":")
    received = f", Received through API : {name}" if kind == "api" else ""
    correlation_id = message.axis2.get("correlation_id")
    return received if correlation_id is None else f"{received}, Correlation ID : {correlation_id}"


async def _refuse_fault(response: Response, limit: int, url: str) -> None:
    await response.body.buffer(limit)
    payload = response.body.xml()
    if payload is not None and soap.is_fault(payload):
        reason, told = soap_fault.reason_of(payload), f"SOAP fault from {url}"
        raise EndpointError(reason or told, code=SOAP_FAULT, detail=f"{told}: {reason}")


async def _until_sendable(message: Message, *, is_alone: bool) -> None:
    """Wait for a payload that cannot be sent as it comes in: one that goes out alone outlives who brings it."""
    if is_alone:
        await message.body.buffer(message.surroundings.max_payload)
    else:
        await until_writable(message)


def _refused_faults(message: Message) -> int | None:
    """FORCE_ERROR_ON_SOAP_FAULT."""
    is_asked = is_yes(message.default.get("FORCE_ERROR_ON_SOAP_FAULT"))
    return message.surroundings.max_payload if is_asked else None


async def _accept(message: Message, flow: Flow) -> None:
    """FORCE_SC_ACCEPTED: let the client go before the back end is asked; whatever comes later reaches nobody."""
    is_asked, reply = is_yes(message.axis2["FORCE_SC_ACCEPTED"]), flow.reply
    if is_asked and reply is not None and not reply.is_answered:
        await reply.reply(ACCEPTED, Headers(), b"")


async def _discard(flow: Flow) -> None:
    log.info("Ignoring fault handlers since the timeout action is set to DISCARD")
    if flow.reply is not None:
        await flow.reply.reply(GATEWAY_TIMEOUT, Headers(), b"")


def _lease_check(message: Message, flow: Flow) -> Callable[[], None] | None:
    """Waiting for a connection may take long enough to lose the lease: it is asked right before the bytes leave."""
    return None if message.fire is None else lambda: flow.check_lease(message)


def _sender_for(url: str, flow: Flow) -> Sender:
    scheme = url.partition(":")[0].lower()
    sender = flow.engine.senders.get(scheme)
    if sender is None:
        raise MediationError(f"Nothing here can send to '{url}'")
    return sender
