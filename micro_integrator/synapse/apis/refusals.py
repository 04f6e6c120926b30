"""What a client gets when no resource takes its request: 404, 405, 400, or the answer to OPTIONS; bodies are empty."""

import re
from typing import Final

from micro_integrator.synapse.apis.cors import Cors
from micro_integrator.synapse.apis.dispatch import (
    BadRequest,
    MethodNotAllowed,
    NotFound,
    Options,
)
from micro_integrator.synapse.apis.resource import Resource
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.message import Headers, Message

OK, BAD_REQUEST, FORBIDDEN, NOT_FOUND, NOT_ALLOWED = 200, 400, 403, 404, 405

MISMATCH: Final = "_resource_mismatch_handler_"
METHOD_MISMATCH: Final = "_method_not_allowed_handler_"
"""Sequences of these names answer 404 and 405 when they are deployed."""

_HOPS = re.compile(r"[0-9]{1,9}")
"""Max-Forwards; anything else is passed on as it came."""

Refusal = NotFound | BadRequest | MethodNotAllowed | Options


async def answer(refusal: Refusal, message: Message, flow: Flow, cors: Cors) -> None:
    """Answer a request that no resource takes."""
    match refusal:
        case NotFound():
            await _answer_or_run(MISMATCH, NOT_FOUND, Headers(), message, flow)
        case MethodNotAllowed(allow):
            await _answer_or_run(METHOD_MISMATCH, NOT_ALLOWED, Headers([("Allow", allow)]), message, flow)
        case BadRequest():
            await _reply(BAD_REQUEST, Headers(), flow)
        case Options(allow):
            await _answer_options(allow, message, flow, cors)


async def answer_last_hop(resource: Resource, message: Message, flow: Flow) -> bool:
    """Answer OPTIONS that may go no further, with True; else count the hop, and False: the resource answers."""
    left = message.headers.get("max-forwards", "")
    if message.default.get("REST_METHOD") != "OPTIONS" or _HOPS.fullmatch(left) is None:
        return False
    if int(left) > 0:
        message.headers["Max-Forwards"] = str(int(left) - 1)
        return False
    allow = ", ".join(method for method in resource.methods if method != "OPTIONS")
    await _reply(OK, Headers([("Allow", allow)]), flow)
    return True


async def _answer_options(allow: str, message: Message, flow: Flow, cors: Cors) -> None:
    headers = Headers([("Allow", allow)])
    if "origin" in message.headers:
        fields = cors.answer_to(message.headers["origin"], allow)
        if fields is None:
            await _reply(FORBIDDEN, headers, flow)
            return
        headers.update(fields)
    await _reply(OK, headers, flow)


async def _answer_or_run(key: str, status: int, headers: Headers, message: Message, flow: Flow) -> None:
    if flow.graph.branch(key) is not None:
        await flow.run_sequence(key, message)
    else:
        await _reply(status, headers, flow)


async def _reply(status: int, headers: Headers, flow: Flow) -> None:
    if flow.reply is not None:
        await flow.reply.reply(status, headers, b"")
