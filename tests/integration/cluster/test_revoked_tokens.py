"""Tokens that were given back, on every database."""

from collections.abc import AsyncIterator

import pytest
from integration.cluster.members import Source, active_member, identity

from micro_integrator.cluster import RevokedTokens
from micro_integrator.database import DataSource, Statement
from micro_integrator.kit import wall_ms

HOUR_MS = 3_600_000
ROWS = Statement("SELECT TOKEN_ID FROM MI_REVOKED_TOKEN ORDER BY TOKEN_ID")


@pytest.fixture
async def opened(source: Source) -> AsyncIterator[DataSource]:
    """A data source beside those of the members; the tables exist."""
    async with active_member(source(), identity()):
        one = source()
        await one.open()
        yield one
        await one.close()


async def test_what_one_node_revokes_the_others_of_its_group_find(opened: DataSource) -> None:
    one, other = RevokedTokens("default", opened), RevokedTokens("default", opened)
    await one.revoke("token-1", wall_ms() + HOUR_MS)
    assert await other.is_revoked("token-1")
    assert not await other.is_revoked("Token-1")
    assert not await RevokedTokens("another", opened).is_revoked("token-1")


async def test_a_token_may_be_revoked_twice(opened: DataSource) -> None:
    tokens = RevokedTokens("default", opened)
    for _ in range(2):
        await tokens.revoke("token-1", wall_ms() + HOUR_MS)
    assert await tokens.is_revoked("token-1")


async def test_rows_of_tokens_that_expired_long_ago_are_removed(opened: DataSource) -> None:
    tokens = RevokedTokens("default", opened)
    for number in range(3):
        await tokens.revoke(f"old-{number}", wall_ms() - 2 * HOUR_MS)
    await tokens.revoke("late-clock", wall_ms() - HOUR_MS // 2)
    await tokens.revoke("new", wall_ms() + HOUR_MS)
    assert [row[0] for row in await opened.rows(ROWS)] == ["late-clock", "new"]


async def test_a_member_knows_the_tokens_of_its_group(source: Source, opened: DataSource) -> None:
    await RevokedTokens("default", opened).revoke("token-1", wall_ms() + HOUR_MS)
    async with active_member(source(), identity("node-2")) as member:
        assert await member.revoked_tokens.is_revoked("token-1")
