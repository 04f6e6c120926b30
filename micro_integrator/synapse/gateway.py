"""An HTTP request from its arrival to its one answer: who serves it, and what the client gets when nobody answers.

arrival → message → an API, else the sequence `main` → its answer
               └── error → faults → the answer of a fault sequence, else a status by the kind of error
"""

from typing import TYPE_CHECKING

from micro_integrator.synapse import faults
from micro_integrator.synapse.answering import ACCEPTED, ends_connection, status_of
from micro_integrator.synapse.apis.own_answers import own_status
from micro_integrator.synapse.apis.serving import serve_api
from micro_integrator.synapse.arriving import take_in
from micro_integrator.synapse.entry import let_in
from micro_integrator.synapse.errors import PAYLOAD_UNREADABLE, MediationError
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.message import Headers, Message, is_yes
from micro_integrator.synapse.places import Places
from micro_integrator.synapse.ports import Arrival, ReplyChannel

if TYPE_CHECKING:
    from micro_integrator.synapse.engine import Engine

MAIN = "main"
BAD_REQUEST, BAD_GATEWAY, UNAVAILABLE, GATEWAY_TIMEOUT = 400, 502, 503, 504

_TIME_OUTS = frozenset({101504, 101508})
_NOT_READY = range(303000, 306000)
_OF_SENDER = range(101500, 101600)


async def serve(engine: "Engine", arrival: Arrival, reply: ReplyChannel, places: Places) -> None:
    """Run a request that has a place to its end; then it is answered, and the place is free again.

    Cancellation passes through, without an answer.
    """
    try:
        message = engine.message(arrival.body)
        take_in(arrival, message)
        flow = Flow(engine, engine.graph, reply=reply)
        try:
            if (match := flow.graph.routes.find(arrival, message)) is not None:
                await serve_api(match, arrival, message, flow, engine.cors)
            elif (status := own_status(arrival)) is not None:
                await reply.reply(status, Headers(), b"")
            elif await let_in(message, flow, None):
                await flow.run_sequence(MAIN, message)
            if not reply.is_answered:
                is_last = ends_connection(message)
                await reply.reply(_status_of_silence(message), Headers(), b"", is_last=is_last)
        except Exception as error:  # an error of a user's class or of ours ends this message and no other
            await faults.handle(error, message, flow)
            if not reply.is_answered:
                await reply.reply(status_after(message, engine.fault_drop_status), Headers(), b"")
    finally:
        places.give_back()


def status_after(message: Message, usual: int) -> int:
    """Return what the client of a failed message gets when no fault sequence has answered (mediation 7.6)."""
    error = message.default.get("ERROR_EXCEPTION")  # ERROR_CODE may have the protocol state added
    code = error.code if isinstance(error, MediationError) else None
    if not isinstance(code, int):
        return usual
    if code in {PAYLOAD_UNREADABLE, BAD_REQUEST}:
        return BAD_REQUEST
    if code in _TIME_OUTS:
        return GATEWAY_TIMEOUT
    if code in _NOT_READY:
        return UNAVAILABLE
    return BAD_GATEWAY if code in _OF_SENDER else usual


def _status_of_silence(message: Message) -> int:
    """Return what tells a client that its message was taken, when its flow has ended without an answer."""
    axis2 = message.axis2
    is_chosen = axis2.get("HTTP_SC") is not None and is_yes(axis2.get("NIO-ACK-Requested"))
    return status_of(message)[0] if is_chosen else ACCEPTED
