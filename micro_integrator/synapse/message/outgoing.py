"""The last step of a message: which bytes go out, and what Content-Type they are announced with."""

from functools import lru_cache

from micro_integrator.observability import get_logger
from micro_integrator.synapse.errors import MediationError
from micro_integrator.synapse.formats import (
    DEFAULT_CHARSET,
    Binary,
    Json,
    Text,
    charset_of,
    is_charset,
    is_known,
    is_same_charset,
    media_type_of,
    multipart,
    soap,
)
from micro_integrator.synapse.message.body import Body
from micro_integrator.synapse.message.message import Message
from micro_integrator.synapse.ports import Stream

log = get_logger("MessageFormatter")

BYTES = "application/octet-stream"
_WITHOUT_CHARSET = frozenset({BYTES, "application/x-www-form-urlencoded"})


def written(message: Message) -> tuple[bytes, str]:
    """Return the payload as bytes, and its Content-Type.

    The axis2 property messageType chooses the form, else the payload's own kind does; ContentType is announced
    literally when both are set. The charset is that of the axis2 property CHARACTER_SET_ENCODING, else what the
    Content-Type says. Bytes that nobody changed go out as they came. Raises FormatError for a payload that cannot be
    written so, MediationError for a charset that nobody knows.
    """
    body, axis2 = message.body, message.axis2
    if (raw := body.received) is not None and _is_untouched(message):
        return raw, body.content_type
    wanted = media_type_of(str(axis2.get("messageType") or ""))
    literal = str(axis2.get("ContentType") or "") if wanted else ""
    charset = str(axis2.get("CHARACTER_SET_ENCODING") or "") or charset_of(literal or body.content_type)
    if not is_charset(charset):
        raise MediationError(f"CHARACTER_SET_ENCODING '{charset}' names no charset that is known here")
    media_type = _form(wanted, body, is_plain=message.is_plain)
    raw = body.written(media_type, charset, is_plain=message.is_plain)
    if raw is not body.received and message.has_headers and not isinstance(body.content(), Binary):
        message.headers.remove("Content-Encoding")  # it was about the bytes that came
    # ContentType cannot know what stands between parts
    if body.formats.written.get(media_type, media_type) == multipart.MEDIA_TYPE:
        return raw, body.content_type if raw is body.received else multipart.announced(raw)
    if literal:
        return raw, _naming(charset, literal, body)
    return raw, _announcement(wanted or media_type, charset, message)


async def until_writable(message: Message) -> None:
    """Wait for bytes that are still arriving, unless they can go out as they come in. Raises FormatError."""
    if message.body.is_unread and not _passed_on_as(message):
        await message.body.buffer(message.surroundings.max_payload)


def outgoing(message: Message) -> tuple[bytes | Stream, str]:
    """Return what to send, and its Content-Type; what is still arriving is taken out of the message as a stream.

    `until_writable` comes before. Raises FormatError.
    """
    body = message.body
    if (
        body.is_unread
        and (announced := _passed_on_as(message))
        and (stream := body.take_stream()) is not None
    ):
        return stream, announced
    return written(message)


def _is_untouched(message: Message) -> bool:
    """Return whether nobody wants the payload in another form than the one in which it came."""
    axis2, content_type = message.axis2, message.body.content_type
    return (
        bool(content_type)
        and axis2.get("ContentType") == content_type
        and axis2.get("messageType") == media_type_of(content_type)
        and "CHARACTER_SET_ENCODING" not in axis2
    )


def _passed_on_as(message: Message) -> str:
    """Return the Content-Type for bytes that can go out as they come in, empty when they have to be written anew."""
    received, axis2 = message.body.content_type, message.axis2.get
    wanted, charset = axis2("messageType"), axis2("CHARACTER_SET_ENCODING")
    if wanted and media_type_of(str(wanted)) != media_type_of(received):
        return ""
    if charset and not is_same_charset(charset_of(received), str(charset)):
        return ""
    if received.startswith("multipart/"):
        return received  # the boundary in it belongs to the bytes
    return str((wanted and axis2("ContentType")) or received)


def _form(wanted: str, body: Body, *, is_plain: bool) -> str:
    is_writable = wanted in body.formats.written or is_known(wanted)
    if is_writable or (wanted and wanted == media_type_of(body.content_type)):
        return wanted
    if wanted:
        _complain(wanted)
    return media_type_of(body.content_type) or _own_form(body, is_plain=is_plain)


def _own_form(body: Body, *, is_plain: bool) -> str:
    content = body.content()
    if isinstance(content, Json):
        return "application/json"
    if isinstance(content, Text):
        return "text/plain"
    if isinstance(content, Binary):
        return BYTES
    if is_plain:
        return "application/xml"
    return "text/xml" if body.soap_version == soap.SOAP11 else "application/soap+xml"


def _naming(charset: str, literal: str, body: Body) -> str:
    """Return the Content-Type that an artifact has chosen, with the charset where readers would take the usual one."""
    if "charset" in literal.lower() or is_same_charset(charset, DEFAULT_CHARSET):
        return literal
    is_of_bytes = media_type_of(literal) in _WITHOUT_CHARSET or isinstance(body.content(), Binary)
    return literal if is_of_bytes else f"{literal}; charset={charset}"


def _announcement(media_type: str, charset: str, message: Message) -> str:
    received = message.body.content_type
    if media_type == media_type_of(received) and is_same_charset(charset_of(received), charset):
        return received
    parameters = "" if media_type in _WITHOUT_CHARSET else f"; charset={charset.upper()}"
    if media_type == "application/soap+xml" and message.soap_action:
        parameters += f'; action="{message.soap_action}"'
    return media_type + parameters


@lru_cache(maxsize=64)
def _complain(media_type: str) -> None:
    """Once for each type is enough: it is a property of an artifact, not of a message."""
    log.warning(
        "No formatter for [{media_type}]; the payload is written in its own form", media_type=media_type
    )
