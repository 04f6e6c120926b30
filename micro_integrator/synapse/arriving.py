"""An HTTP request becomes a message: headers, and the properties that tell where it came from (transports 2.3)."""

from micro_integrator.synapse.formats import media_type_of, soap
from micro_integrator.synapse.message import Message
from micro_integrator.synapse.ports import Arrival, ClientCertificate

FORM = "application/x-www-form-urlencoded"
"""What a GET or DELETE without a type is taken for."""


def take_in(arrival: Arrival, message: Message) -> None:
    """Give `message`, which holds the body already, everything else that came with the request."""
    message.headers = message.client_headers = headers = arrival.headers
    content_type = headers.get("content-type") or _usual_type(arrival)
    media_type = media_type_of(content_type)
    message.to = arrival.target
    message.is_plain = media_type not in soap.MEDIA_TYPES
    remote = arrival.remote
    axis2: dict[str, object] = {
        "TransportInURL": arrival.target,
        "HTTP_METHOD": arrival.method,
        "REMOTE_ADDR": remote,
        "REMOTE_HOST": remote,
        "correlation_id": arrival.correlation_id,
        "SERVICE_PREFIX": f"{arrival.scheme}://{arrival.host}:{arrival.port}/",
    }
    message.axis2 = axis2
    if arrival.certificate is not None:
        axis2.update(_proof(arrival.certificate))
    if media_type:
        axis2["messageType"], axis2["ContentType"] = media_type, content_type
    if not content_type or not message.body.content_type:
        axis2["NO_ENTITY_BODY"] = True
    if not message.is_plain and (action := headers.get("soapaction")) is not None:
        message.soap_action = action.strip('" ')


def _proof(certificate: ClientCertificate) -> dict[str, str]:
    return {
        "ssl.client.auth.cert.X509": certificate.pem,
        "ssl.client.auth.subject": certificate.subject,
        "ssl.client.auth.issuer": certificate.issuer,
        "ssl.client.auth.serial": certificate.serial_number,
    }


def _usual_type(arrival: Arrival) -> str:
    if arrival.body.content_type:
        return arrival.body.content_type
    return FORM if arrival.method in {"GET", "DELETE"} else ""
