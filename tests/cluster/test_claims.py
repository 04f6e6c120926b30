"""The claim is one statement: of two who want an occurrence at the same instant one gets it (coordination 8.6)."""

import asyncio
from pathlib import Path

from integration.cluster.members import active_member, identity, source_of
from servers.server import Database

from micro_integrator.cluster import Claim, FenceTable
from micro_integrator.cluster.ownership import DatabaseFences
from micro_integrator.database import DatabaseError

TASKS = tuple(f"task-{number}" for number in range(5))
KEYS = 30


async def test_rivals_with_one_boot_id_and_fence_never_both_win_an_occurrence(
    database: Database, tmp_path: Path
) -> None:
    """As a cloned machine would: everything but the claim id is the same."""
    who, twins_source = identity(), source_of(database, tmp_path)
    async with active_member(source_of(database, tmp_path), who) as member:
        await twins_source.open()
        twin = DatabaseFences(who, twins_source, statement_limit=1.0)
        twin.adopt_boot(member.boot_id)
        await member.fences.insert([(task, "definition", "RUN") for task in TASKS])
        rows = await member.fences.read()
        try:
            for key in range(KEYS):
                claims = [Claim(row.task, row.fence, "definition", key) for row in rows]
                won, by_twin = await asyncio.gather(
                    _decided(member.fences, claims, f"{member.boot_id}:one-{key}"),
                    _decided(twin, claims, f"{member.boot_id}:twin-{key}"),
                )
                assert won & by_twin == set(), f"key {key} was won by both"
                assert won | by_twin == set(TASKS), f"key {key} was won by nobody"
        finally:
            await twin.close()
            await twins_source.close()
        assert [row.fired_count for row in await member.fences.read()] == [KEYS] * len(TASKS)


async def _decided(fences: FenceTable, claims: list[Claim], claim_id: str) -> set[str]:
    """Send the claim until it is decided, as the server does."""
    async with asyncio.timeout(20):
        while True:
            try:
                return await fences.claim(claims, claim_id)
            except DatabaseError:
                await asyncio.sleep(0.01)
