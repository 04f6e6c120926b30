"""What the connections of one listener have in common: whom they serve, and within which limits."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from micro_integrator.kit import Reminders
from micro_integrator.observability import get_logger
from micro_integrator.synapse import Arrival, ReplyChannel
from micro_integrator.transports.http.outbox import Outbox
from micro_integrator.transports.http.server.access_log import AccessLog
from micro_integrator.transports.http.server.refusal import Refusal
from micro_integrator.transports.http.server.request_head import RequestHeadReader
from micro_integrator.transports.http.server.response_head import AnswerHeadWriter

if TYPE_CHECKING:
    from micro_integrator.transports.http.server.connection import ServerConnection
    from micro_integrator.transports.http.server.exchange import Exchange

Serve = Callable[[Arrival, ReplyChannel], Awaitable[None]]
"""Runs one request to its end; answers it through the channel."""

log = get_logger("SourceHandler")


@dataclass(slots=True, kw_only=True, eq=False)
class Terms:
    """Made once when the listener starts; what is served at present is noted here too. Times are seconds."""

    serve: Serve
    loop: asyncio.AbstractEventLoop
    reader: RequestHeadReader
    writer: AnswerHeadWriter
    new_id: Callable[[], str]
    """Makes correlation ids."""
    correlation_header: str
    """Name of the header in which correlation ids travel."""
    silence: float
    """How long nothing may happen: between requests, within a body, until the answer, while the answer is read."""
    head_limit: float
    """How long a client may take for a head."""
    untyped: str = "application/octet-stream"
    """What a body is taken for that comes without a type."""
    max_body: int | None = None
    """Bytes of a request's body; None when they are not limited."""
    keeps_alive: bool = True
    """Whether a connection serves another request after this one; no more once the listener drains."""
    access_log: AccessLog | None = None
    exchanges: "set[Exchange]" = field(default_factory=set)
    """Those whose work has not ended, answered or not."""
    connections: "set[ServerConnection]" = field(default_factory=set)
    reminders: Reminders = field(default_factory=Reminders)
    outbox: Outbox = field(init=False)
    """Where answers wait for the end of a turn of the loop."""

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.loop)

    def tell_refusal(self, refusal: Refusal, remote: str) -> None:
        """Say that a request was refused; every reason once in a while, for strangers can repeat it at will."""
        if self.reminders.is_due(self.loop.time(), refusal.trouble):
            log.warning(
                "Request of [{remote}] refused with {status}: {reason}",
                remote=remote,
                status=refusal.status,
                reason=refusal.reason,
            )
