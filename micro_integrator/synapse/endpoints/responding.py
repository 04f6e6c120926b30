"""A response takes the place of the request: payload, headers and status, while properties and variables stay."""

from micro_integrator.synapse.formats import media_type_of
from micro_integrator.synapse.message import Message
from micro_integrator.synapse.ports import Response

ANONYMOUS = "http://www.w3.org/2005/08/addressing/anonymous"
"""To of a response: it goes to whoever asked."""

_SOAP_TYPES = frozenset({"text/xml", "application/soap+xml"})


def take_over(response: Response, message: Message) -> None:
    """Make `message` the response. Nothing is parsed: bytes that nobody changes are passed on as they came."""
    message.body, message.headers = response.body, response.headers
    message.to = ANONYMOUS
    message.renew_id()
    message.is_get = False
    content_type = response.body.content_type
    media_type = media_type_of(content_type)
    message.is_plain = media_type not in _SOAP_TYPES
    note_status(response, message)
    axis2 = message.properties.scope("axis2")
    _set_or_remove(axis2, "messageType", media_type)
    _set_or_remove(axis2, "ContentType", content_type)
    _set_or_remove(axis2, "NO_ENTITY_BODY", not content_type)


def note_status(response: Response, message: Message) -> None:
    """Set what tells how the back end answered."""
    axis2 = message.properties.scope("axis2")
    axis2["HTTP_SC"], axis2["HTTP_SC_DESC"] = response.status, response.reason
    _set_or_remove(axis2, "FAULT_MESSAGE", response.status >= 400)
    _set_or_remove(axis2, "SC_ACCEPTED", response.status == 202)


def _set_or_remove(properties: dict[str, object], name: str, value: object) -> None:
    if value:
        properties[name] = value
    else:
        properties.pop(name, None)
