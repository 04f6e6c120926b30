"""An answer becomes a response of the language. ◇"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from micro_integrator.synapse import Body, Response
from micro_integrator.transports.http.client.answer_head import AnswerHead
from micro_integrator.transports.http.client.answer_stream import AnswerStream

_CREATED = 201
_REDIRECTIONS = range(300, 400)
_UNTYPED = "application/octet-stream"


def response_of(
    head: AnswerHead, body: bytes | AnswerStream, options: Mapping[str, object], *, keeps_location: bool
) -> Response:
    """Return what a message becomes. `options` are those of the request; `keeps_location`: Location is not changed."""
    headers, status = head.headers, head.status
    for name in head.hop_names:
        headers.remove(name)
    location = None
    if status != _CREATED and status not in _REDIRECTIONS and not keeps_location and "location" in headers:
        location = headers["location"]
        headers["Location"] = led_back(location, str(options.get("SERVICE_PREFIX") or ""))
    if not isinstance(body, bytes) and body.is_complete:
        body = body.everything()  # the rest came while the flow was waking up
    if not body:
        return Response(status, head.reason, headers, Body(), location)
    content_type = headers.get("content-type") or _UNTYPED
    made = (
        Body.of_bytes(body, content_type) if isinstance(body, bytes) else Body.of_stream(body, content_type)
    )
    return Response(status, head.reason, headers, made, location)


def led_back(location: str, prefix: str) -> str:
    """Return a Location that leads to us instead of the back end; `prefix` is how the client reaches us."""
    try:
        parts = urlsplit(location)
    except ValueError:  # whoever follows it may make more of it
        return location
    if not prefix or not parts.netloc:
        return location
    rest = parts._replace(scheme="", netloc="").geturl()
    return prefix.rstrip("/") + (rest if rest.startswith("/") else f"/{rest}")
