"""Tokens of the management API that were given back: MI_REVOKED_TOKEN, so that no node of the group takes them.

A row is written once and read when its token is shown; nothing is asked while nobody calls.
"""

from contextlib import suppress
from functools import partial

from micro_integrator.cluster import group_statements as sql
from micro_integrator.database import DatabaseError, DataSource, LostRace, retrying

KEPT_MS = 3_600_000
"""For how long a row outlives its token, in milliseconds: a node whose clock is late still believes that token."""


class RevokedTokens:
    """The tokens of one group. Methods raise DatabaseError."""

    def __init__(self, group_id: str, source: DataSource) -> None:
        self._group, self._source = group_id, source

    async def revoke(self, token_id: str, expires_ms: int) -> None:
        """Let every node know that the token is worth nothing; `expires_ms` counts from 1970. May be repeated."""
        values = {"group": self._group, "token": token_id, "expires_ms": expires_ms}
        with suppress(LostRace):
            await retrying(partial(self._source.changed, sql.REVOKE_TOKEN, **values))
        with suppress(DatabaseError):  # the next one removes what is left
            await self._source.changed(sql.PURGE_REVOKED_TOKENS, group=self._group, kept_ms=KEPT_MS)

    async def is_revoked(self, token_id: str) -> bool:
        """Whether some node was told so."""
        return bool(await self._source.rows(sql.READ_REVOKED_TOKEN, group=self._group, token=token_id))
