"""A message goes back to whoever waits for an answer: which status, which headers, which bytes."""

from micro_integrator.synapse.entity_tag import NOT_MODIFIED, OK, is_known, tag_of
from micro_integrator.synapse.errors import MediationError
from micro_integrator.synapse.message import Headers, Message, is_yes, outgoing, until_writable
from micro_integrator.synapse.ports import ReplyChannel

ACCEPTED = 202
SERVER_ERROR = 500

NOT_ECHOED = frozenset({"host", "authorization", "cookie", "expect", "user-agent", "content-length"})
"""Headers of a request that do not go back with it, beside all that begin with `accept`."""


async def answer(message: Message, channel: ReplyChannel) -> None:
    """Send payload, headers and status (transports 4.1); bytes that nobody has read are passed on as they arrive."""
    axis2 = message.axis2
    is_bodiless = is_yes(axis2.get("NO_ENTITY_BODY"))
    if is_bodiless:
        message.body.clear()
    is_tagged = is_yes(axis2.get("HTTP_ETAG"))
    asked = message.client_headers.get("If-None-Match", "") if is_tagged and message.client_headers else ""
    if message.body.is_unread:
        if is_tagged or (message.body.announced is None and is_yes(axis2.get("DISABLE_CHUNKING"))):
            await message.body.buffer(message.surroundings.max_payload)
        await until_writable(message)
    # an empty SOAP message would be written as an envelope
    body, content_type = (b"", "") if is_bodiless else outgoing(message)
    headers = _echoed(message.headers) if message.headers is message.client_headers else message.headers
    if body:
        headers["Content-Type"] = content_type
    status, reason = status_of(message)
    if is_tagged and status == OK and isinstance(body, bytes):
        headers["ETag"] = tag = tag_of(body)
        if is_known(tag, asked):
            status, reason, body = NOT_MODIFIED, "", b""
    await channel.reply(status, headers, body, reason=reason, is_last=ends_connection(message))


def ends_connection(message: Message) -> bool:
    """Return whether the client's connection ends with the answer: NO_KEEPALIVE."""
    return is_yes(message.axis2.get("NO_KEEPALIVE"))


def status_of(message: Message) -> tuple[int, str]:
    """Return status and reason of an answer. Raises MediationError when an artifact has chosen what is no status."""
    axis2 = message.axis2
    chosen = axis2.get("HTTP_SC")
    if chosen is not None:
        try:
            return int(str(chosen)), str(axis2.get("HTTP_SC_DESC") or "")
        except ValueError as error:
            raise MediationError(f"HTTP_SC '{chosen}' is no status: expected a number such as 200") from error
    if is_yes(axis2.get("SC_ACCEPTED")):
        return ACCEPTED, ""
    is_failure = is_yes(axis2.get("FAULT_MESSAGE")) or message.is_known_fault
    if is_failure and not is_yes(axis2.get("FAULTS_AS_HTTP_200")):
        return SERVER_ERROR, ""
    return OK, ""


def _echoed(headers: Headers) -> Headers:
    """Return what goes back to a client of its own headers: nothing that tells who it is or what it can take."""
    kept = [field for field in headers.fields() if field[0].lower() not in NOT_ECHOED]
    return Headers([field for field in kept if not field[0].lower().startswith("accept")])
