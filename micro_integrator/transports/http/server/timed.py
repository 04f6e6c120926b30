"""Requests that are timed for the correlation log; without that log nothing of this is there."""

from micro_integrator.kit import boottime
from micro_integrator.observability import record_latency
from micro_integrator.synapse import Arrival, Headers, ReplyChannel, Stream
from micro_integrator.transports.http.server.terms import Serve

ROUND_TRIP = "ROUND-TRIP LATENCY"


def timed(serve: Serve) -> Serve:
    """Return what serves requests as `serve` does, and records how long each took until all of its answer was sent."""

    async def serve_timed(arrival: Arrival, reply: ReplyChannel) -> None:
        channel = _TimedReply(reply)
        try:
            await serve(arrival, channel)
        finally:
            record_latency(
                ROUND_TRIP,
                arrival.method,
                arrival.target,
                channel.latency_ms(),
                correlation_id=arrival.correlation_id,
                status=channel.status,
            )

    return serve_timed


class _TimedReply:
    """Fulfils `synapse.ReplyChannel`; remembers the answer."""

    __slots__ = ("_began", "_ended", "_reply", "status")

    def __init__(self, reply: ReplyChannel) -> None:
        self._reply, self._began = reply, boottime()
        self._ended: float | None = None
        self.status: int | None = None
        """None while there is no answer."""

    @property
    def is_answered(self) -> bool:
        return self._reply.is_answered

    async def reply(
        self, status: int, headers: Headers, body: bytes | Stream, *, reason: str = "", is_last: bool = False
    ) -> None:
        is_first = not self._reply.is_answered
        await self._reply.reply(status, headers, body, reason=reason, is_last=is_last)
        if is_first:
            self.status, self._ended = status, boottime()

    def latency_ms(self) -> int:
        """Return how long it took until the answer was sent; until now when there is none."""
        return round(((self._ended or boottime()) - self._began) * 1000)
