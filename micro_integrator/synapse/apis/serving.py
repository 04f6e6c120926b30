"""From the API that `routes` has found to an answer: checks in the order of their cost, the resource, or a refusal."""

from typing import TYPE_CHECKING

from micro_integrator.observability import get_logger
from micro_integrator.synapse.answering import answer
from micro_integrator.synapse.apis import describing, refusals
from micro_integrator.synapse.apis.cors import Cors
from micro_integrator.synapse.apis.cors_reply import CorsReply
from micro_integrator.synapse.apis.dispatch import Found
from micro_integrator.synapse.apis.query import BAD_REQUEST, parameters
from micro_integrator.synapse.apis.resource import Resource, Traits
from micro_integrator.synapse.entry import let_in
from micro_integrator.synapse.errors import MediationError
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.mediator import Branch
from micro_integrator.synapse.message import Message
from micro_integrator.synapse.ports import Arrival

if TYPE_CHECKING:
    from micro_integrator.synapse.apis.routes import Match

log = get_logger("API")


async def serve_api(match: "Match", arrival: Arrival, message: Message, flow: Flow, cors: Cors) -> None:
    """Answer a request to an API, or run its resource; an answer may still be missing at the end.

    Raises what the mediators raise: the fault handlers are in place then.
    """
    api = match.api
    cors = api.cors or cors
    flow.label = api.label
    if cors.has_a_say and "origin" in message.headers:
        _open_answers(cors, message, flow)
    if (
        (query := match.query) is not None
        and query.startswith(describing.PREFIX)
        and await describing.answer_description(match, arrival, message, flow)
    ):
        return
    if api.handlers is not None:
        _note_request(match, arrival, message)
        message.default.update(api.properties)
        if not await api.handlers.let_through(message, flow):
            return
    traits = _traits(arrival, message) if api.dispatch.asks_for_traits else None
    verdict = api.dispatch.decide(arrival.method, match.path, match.query, traits)
    _note_request(match, arrival, message)
    if isinstance(verdict, Found):
        await _run(verdict, match.query, message, flow)
        return
    message.default.update(api.properties)
    if await let_in(message, flow, None):
        await refusals.answer(verdict, message, flow, cors)


async def _run(found: Found, query: str | None, message: Message, flow: Flow) -> None:
    resource = found.resource
    message.default.update(resource.properties)
    message.default.update(found.variables)
    if not await let_in(message, flow, _fault_branch(resource, flow)):
        return
    if query:
        _note_query(query, message)
    if "OPTIONS" in resource.methods and await refusals.answer_last_hop(resource, message, flow):
        return
    flow.out = resource.out_sequence
    if resource.in_sequence is not None:
        await flow.run_part(resource.in_sequence, message)
        return
    message.to, message.is_response = None, True
    if flow.reply is not None:
        await answer(message, flow.reply)


def _note_request(match: "Match", arrival: Arrival, message: Message) -> None:
    headers = message.headers
    host = headers.get("host", arrival.host)
    default = message.default
    default["REST_FULL_REQUEST_PATH"] = match.target
    default["REST_SUB_REQUEST_PATH"] = match.rest or "/"
    default["REST_URL_PREFIX"] = f"{arrival.scheme}://{host}"
    default["REST_METHOD"] = arrival.method
    message.axis2["REST_URL_POSTFIX"] = match.rest


def _note_query(query: str, message: Message) -> None:
    try:
        message.default.update(parameters(query))
    except MediationError as error:
        message.axis2["HTTP_SC"] = BAD_REQUEST
        method, path = (message.default.get(name, "") for name in ("REST_METHOD", "REST_FULL_REQUEST_PATH"))
        what = f"Error processing {method} request for : {path} due to an error in the request sent by the client"
        raise MediationError(f"{what}: {error}", code=BAD_REQUEST) from error


def _traits(arrival: Arrival, message: Message) -> Traits:
    headers = message.headers
    has_body = not message.axis2.get("NO_ENTITY_BODY")
    return Traits(
        arrival.scheme,
        headers.get("content-type", "") if has_body else None,
        headers.get("user-agent", ""),
    )


def _fault_branch(resource: Resource, flow: Flow) -> Branch | None:
    """Return what handles faults of this resource before the default sequence does."""
    part = resource.fault_sequence
    if not isinstance(part, str):
        return part
    branch = flow.branch(part)
    if branch is None:
        log.warning(
            "faultSequence {sequence} of {resource} cannot be found; the default one handles faults",
            sequence=part,
            resource=resource.name,
        )
    return branch


def _open_answers(cors: Cors, message: Message, flow: Flow) -> None:
    allowed = cors.allowed(message.headers["origin"])
    if allowed is not None and flow.reply is not None:
        flow.reply = CorsReply(flow.reply, cors, allowed)
