"""A response takes the place of the request: payload, headers and status, while properties and variables stay."""

from micro_integrator.synapse.formats import media_type_of, soap
from micro_integrator.synapse.message import Message
from micro_integrator.synapse.ports import Response

ANONYMOUS = "http://www.w3.org/2005/08/addressing/anonymous"
"""To of a response: it goes to whoever asked."""

ACCEPTED = 202

OF_REQUEST = frozenset({"NO_KEEPALIVE", "DISABLE_CHUNKING", "CHARACTER_SET_ENCODING"})
"""Properties of the scope axis2 that say how a request is sent, and nothing about an answer to the client."""


def take_over(response: Response, message: Message) -> None:
    """Make `message` the response. Nothing is parsed: bytes that nobody changes are passed on as they came."""
    message.body, message.headers = response.body, response.headers
    message.to = ANONYMOUS
    message.renew_id()
    message.is_get = False
    content_type = response.body.content_type
    media_type = media_type_of(content_type)
    message.is_plain = media_type not in soap.MEDIA_TYPES
    note_status(response, message)
    axis2 = message.axis2
    if not OF_REQUEST.isdisjoint(axis2):
        for name in OF_REQUEST:
            axis2.pop(name, None)
    if content_type:
        axis2["messageType"], axis2["ContentType"] = media_type, content_type
        axis2.pop("NO_ENTITY_BODY", None)
    else:
        axis2.pop("messageType", None)
        axis2.pop("ContentType", None)
        axis2["NO_ENTITY_BODY"] = True


def note_status(response: Response, message: Message) -> None:
    """Set what tells how the back end answered."""
    axis2, status = message.axis2, response.status
    axis2["HTTP_SC"], axis2["HTTP_SC_DESC"] = status, response.reason
    if status >= 400:
        axis2["FAULT_MESSAGE"] = True
    else:
        axis2.pop("FAULT_MESSAGE", None)
    if response.location is not None:
        axis2["PRE_LOCATION_HEADER"] = response.location
    elif "PRE_LOCATION_HEADER" in axis2:
        del axis2["PRE_LOCATION_HEADER"]
    if status == ACCEPTED:
        axis2["SC_ACCEPTED"] = True
    else:
        axis2.pop("SC_ACCEPTED", None)
