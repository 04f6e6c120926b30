"""A response takes the place of the request: payload, headers and status, while properties and variables stay."""

from micro_integrator.synapse.formats import media_type_of, soap
from micro_integrator.synapse.message import Message
from micro_integrator.synapse.ports import Response

ANONYMOUS = "http://www.w3.org/2005/08/addressing/anonymous"
"""To of a response: it goes to whoever asked."""

ACCEPTED = 202


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
    axis2.pop("NO_KEEPALIVE", None)  # it was about the connection of the request
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
    else:
        axis2.pop("PRE_LOCATION_HEADER", None)
    if status == ACCEPTED:
        axis2["SC_ACCEPTED"] = True
    else:
        axis2.pop("SC_ACCEPTED", None)
