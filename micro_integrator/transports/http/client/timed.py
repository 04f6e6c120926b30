"""Calls of back ends that are timed for the correlation log; without that log nothing of this is there."""

import re

from micro_integrator.kit import boottime
from micro_integrator.observability import record_latency
from micro_integrator.synapse import Request, Response, Sender

BACK_END = "BACKEND LATENCY"
_WHO = re.compile("(?<=://)[^/?#]*@")
"""User and password, which an address may begin with."""


class TimedSender:
    """Sends as another sender does, and records how long it took until the head of the answer was here."""

    def __init__(self, sender: Sender, correlation_header: str) -> None:
        """`correlation_header` is where requests have their correlation id."""
        self._sender, self._correlation_header = sender, correlation_header

    async def send(self, request: Request) -> Response:
        """Return the response. Raises what the other sender raises."""
        began, status = boottime(), None
        try:
            response = await self._sender.send(request)
            status = response.status
            return response
        finally:
            record_latency(
                BACK_END,
                request.method,
                _WHO.sub("", request.url),
                round((boottime() - began) * 1000),
                correlation_id=request.headers.get(self._correlation_header, ""),
                status=status,
            )
