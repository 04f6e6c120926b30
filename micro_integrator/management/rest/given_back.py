"""Tokens that were given back before their time: those this node was told of, and those its group knows of.

The group is asked when a token is shown. While it does not answer, what this node knows decides: a database that is
away must not keep operators from looking.
"""

import asyncio
from collections.abc import Awaitable
from typing import Protocol

from micro_integrator.kit import MicroIntegratorError, boottime, wall_ms
from micro_integrator.management.rest.tokens import SKEW, Ticket
from micro_integrator.observability import get_logger

FRESH = 1.0
"""Seconds for which the group's word about a token counts: one statement, however many calls."""

LIMIT = 1.0
"""Seconds to wait for the group."""

PAUSE = 5.0
"""Seconds without asking after the group did not answer: meanwhile no call waits for it."""

log = get_logger("ManagementApi")


class RevokedTokens(Protocol):
    """What the nodes of a group know together; errors are MicroIntegratorErrors."""

    async def revoke(self, token_id: str, expires_ms: int) -> None:
        """Let every node know that the token is worth nothing. May be repeated."""
        ...

    async def is_revoked(self, token_id: str) -> bool:
        """Whether some node was told so."""
        ...


class GivenBack:
    """The tokens that are worth nothing any more; without a `group`, those of this node alone."""

    def __init__(self, group: RevokedTokens | None = None) -> None:
        self._group = group
        self._known: dict[str, float] = {}
        """Token id → its end, seconds since 1970; so in the next one."""
        self._untold: dict[str, float] = {}
        """Those that the group does not know yet."""
        self._good: dict[str, float] = {}
        """Token id → until when (boottime) the group's word counts that it was not given back."""
        self._asking = asyncio.Lock()  # one at a time: the group's connections are there for its tasks
        self._silent_until = 0.0

    async def add(self, ticket: Ticket) -> bool:
        """Take the token no longer; returns whether all nodes know that."""
        self._known = {**_unexpired(self._known), ticket.id: ticket.expires}
        if self._group is None:
            return True
        self._untold = {**_unexpired(self._untold), ticket.id: ticket.expires}
        async with self._asking:
            return await self._reach(self._tell(self._group))

    async def has(self, ticket: Ticket) -> bool:
        """Whether the token was given back."""
        if self._group is None:
            return ticket.id in self._known
        async with self._asking:
            now = boottime()
            is_open = ticket.id not in self._known and now >= self._good.get(ticket.id, 0.0)
            if is_open and now >= self._silent_until:
                await self._reach(self._look_up(self._group, ticket))
        return ticket.id in self._known

    async def _tell(self, group: RevokedTokens) -> None:
        for token_id, expires in list(self._untold.items()):
            await group.revoke(token_id, int(expires * 1000))
            self._untold.pop(token_id, None)

    async def _look_up(self, group: RevokedTokens, ticket: Ticket) -> None:
        await self._tell(group)
        if await group.is_revoked(ticket.id):
            self._known[ticket.id] = ticket.expires
            return
        now = boottime()
        self._good = {token_id: until for token_id, until in self._good.items() if until > now}
        self._good[ticket.id] = now + FRESH

    async def _reach(self, work: Awaitable[None]) -> bool:
        """Do `work` with the group; returns whether it has answered in time."""
        try:
            async with asyncio.timeout(LIMIT):
                await work
        except (MicroIntegratorError, TimeoutError) as error:
            if self._silent_until == 0.0:  # told once, not with every call
                log.warning(
                    "The group does not answer ({error}): until it does, a token that was given back on another "
                    "node is accepted here",
                    error=str(error) or f"nothing within {LIMIT:g} s",
                )
            self._silent_until = boottime() + PAUSE
            return False
        self._silent_until = 0.0
        return True


def _unexpired(ends: dict[str, float]) -> dict[str, float]:
    now = wall_ms() / 1000
    return {token_id: end for token_id, end in ends.items() if end + SKEW > now}
