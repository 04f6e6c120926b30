"""Correlation ids: new ones are UUIDs of version 8, a random beginning for the process and a counted end."""

import secrets
from collections.abc import Callable
from itertools import count

from micro_integrator.observability import bound
from micro_integrator.synapse import Arrival, ReplyChannel
from micro_integrator.transports.http.server.terms import Serve


def correlation_ids() -> Callable[[], str]:
    """Return what makes ids that nobody else makes; far cheaper than a random UUID for every request."""
    beginning = secrets.token_hex(9)
    variant = "89ab"[int(beginning[15], 16) & 3]
    prefix = f"{beginning[:8]}-{beginning[8:12]}-8{beginning[12:15]}-{variant}{beginning[15:18]}-"
    following = count(1).__next__

    def fresh() -> str:
        return f"{prefix}{following():012x}"

    return fresh


def with_id_in_logs(serve: Serve) -> Serve:
    """Return what serves requests as `serve` does, while the id of each is a field of all that is logged."""

    async def serve_with_id(arrival: Arrival, reply: ReplyChannel) -> None:
        with bound(correlation_id=arrival.correlation_id):
            await serve(arrival, reply)

    return serve_with_id
