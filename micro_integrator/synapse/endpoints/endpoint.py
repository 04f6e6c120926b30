"""What an endpoint is to those who send, and how a deployed one is found by its key."""

from abc import ABC, abstractmethod

from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.message import Message
from micro_integrator.synapse.ports import Response

NOT_READY = 303001
NOT_FOUND = 305100


class Endpoint(ABC):
    """Somewhere to send to."""

    @abstractmethod
    async def call(self, message: Message, flow: Flow) -> Response | None:
        """Send the message and wait for the response, whatever its status.

        Return None when there is none to go on with: OUT_ONLY was set, or a time-out whose action is `discard`.
        Raises EndpointError when the back end cannot be reached or is not to be asked now, MediationError when the
        message cannot be sent, LeaseLost when it may not.
        """


class EndpointHolder:
    """Base of the artifact that has an endpoint, so that a key can lead to it without knowing artifacts."""

    endpoint: Endpoint


def endpoint_of(artifact: object) -> Endpoint | None:
    """Return the endpoint an artifact is the name of, None for anything else."""
    return artifact.endpoint if isinstance(artifact, EndpointHolder) else None
