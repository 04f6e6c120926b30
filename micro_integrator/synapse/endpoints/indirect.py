"""<endpoint key> and <endpoint key-expression> - an endpoint that is deployed under a name, or stands in the registry.

It is looked up for each message, so that what is in force when the message came in is used.
"""

from micro_integrator.synapse.artifact import ENTRIES
from micro_integrator.synapse.endpoints.endpoint import NOT_FOUND, Endpoint, endpoint_of
from micro_integrator.synapse.errors import MediationError
from micro_integrator.synapse.expressions import Expression
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.message import Message
from micro_integrator.synapse.ports import Response

MAX_STEPS = 16
"""Names that lead to names; more is a circle."""


class Indirect(Endpoint):
    """Leads to the endpoint that a key names."""

    def __init__(self, key: Expression) -> None:
        self.key = key

    async def call(self, message: Message, flow: Flow) -> Response | None:
        """Send to the endpoint found. Raises MediationError 305100 when there is none."""
        return await (await self._resolved(message, flow)).call(message, flow)

    async def _resolved(self, message: Message, flow: Flow) -> Endpoint:
        step = self
        for _ in range(MAX_STEPS):
            if step.key.reads_body:
                await message.body.buffer(message.surroundings.max_payload)
            key = step.key.text(message) or ""
            found = endpoint_of(flow.graph.find(ENTRIES, key)) or flow.engine.shared.endpoint(key)
            if found is None:
                raise MediationError(f"Couldn't find the endpoint with the key : {key}", code=NOT_FOUND)
            if not isinstance(found, Indirect):
                return found
            step = found
        raise MediationError(f"The endpoint {self.key.source} leads to itself", code=NOT_FOUND)
