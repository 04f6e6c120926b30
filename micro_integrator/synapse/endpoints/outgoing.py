"""A message becomes a request: brought into the form of the endpoint, written, with the headers that go with it."""

from collections.abc import Callable

from micro_integrator.synapse.formats import media_type_of, soap
from micro_integrator.synapse.formats.form import urlencoded
from micro_integrator.synapse.message import Headers, Message, is_yes, outgoing
from micro_integrator.synapse.ports import Request, Stream

DEFAULT_METHOD = "POST"

_TYPES = {"soap11": "text/xml", "soap12": "application/soap+xml", "pox": "application/xml"}


def request_for(
    message: Message,
    url: str,
    *,
    method: str | None,
    time_limit: float,
    is_static: bool,
    before_sending: Callable[[], None] | None,
) -> Request:
    """Return what to send; `until_writable` comes before. Raises FormatError when the payload cannot be written.

    Its headers are those of the message where nothing has to be different.

    `method` goes before the property HTTP_METHOD. `is_static`: the artifact itself names the host; `before_sending` is
    called in the last moment and raises when nothing may leave any more.
    """
    axis2 = message.axis2
    body, content_type = (b"", "") if _is_bodiless(message) else _payload(message)
    headers = message.headers
    headers = headers.having("Content-Type", content_type) if body else headers.without("Content-Type")
    return Request(
        method or str(axis2.get("HTTP_METHOD") or DEFAULT_METHOD),
        url,
        _with_soap_action(headers, message, media_type_of(content_type)),
        body or None,
        time_limit,
        axis2,
        is_static,
        before_sending,
    )


def bring_into_form(message: Message, form: str) -> None:
    """Make the message one of soap11, soap12, pox, rest or get: envelope, and what it is announced as."""
    message.is_plain = form not in soap.VERSIONS
    if form != "rest":
        message.is_get = form == "get"
    if form in soap.VERSIONS:
        message.body.use_soap(soap.VERSIONS[form])
        message.soap_action = message.soap_action or message.action
        message.axis2["HTTP_METHOD"] = DEFAULT_METHOD  # an envelope is posted, however it came
    if (media_type := _TYPES.get(form)) is not None:
        axis2 = message.axis2
        axis2["messageType"] = media_type
        axis2.pop("ContentType", None)


def as_query(message: Message) -> str:
    """Return the children of the payload as a query: what an endpoint with format `get` sends instead of a body."""
    return urlencoded(message.body.xml())


def is_one_way(message: Message) -> bool:
    """Return whether nobody waits for a response to this message."""
    return is_yes(message.default.get("OUT_ONLY"))


def _is_bodiless(message: Message) -> bool:
    axis2, body = message.axis2, message.body
    if message.is_get or is_yes(axis2.get("NO_ENTITY_BODY")) or is_yes(axis2.get("FORCE_POST_PUT_NOBODY")):
        return True
    if body.content_type:  # bytes that were received are not looked at; what was made here is asked directly
        return False
    is_soap = media_type_of(str(axis2.get("messageType") or "")) in soap.MEDIA_TYPES
    return not is_soap and body.is_empty


def _payload(message: Message) -> tuple[bytes | Stream, str]:
    raw, content_type = outgoing(message)
    axis2 = message.axis2
    if "setCharacterEncoding" in axis2 and str(axis2["setCharacterEncoding"]).lower() == "false":
        content_type = "; ".join(
            part.strip()
            for part in content_type.split(";")
            if not part.strip().lower().startswith("charset=")
        )
    return raw, content_type


def _with_soap_action(headers: Headers, message: Message, media_type: str) -> Headers:
    action = message.soap_action
    if media_type == "text/xml" and not message.is_plain:
        is_due = action is not None or "SOAPAction" not in headers
        return headers.having("SOAPAction", f'"{action or ""}"') if is_due else headers
    said = headers.get("SOAPAction")
    return headers.without("SOAPAction") if said is not None and said.strip('" ') == "" else headers
