"""The claim is one statement: of two who want an occurrence at the same instant one gets it (coordination 8.6)."""

import asyncio
from pathlib import Path

from integration.cluster.members import active_member, decided, identity, owner, source_of
from servers.server import Database

from micro_integrator.cluster import Claim, Insertion
from micro_integrator.cluster.ownership import DatabaseFences

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
        await member.fences.insert([Insertion(task, "definition", "RUN", owner(member)) for task in TASKS])
        rows = await member.fences.read()
        try:
            for key in range(KEYS):
                claims = [Claim(row.task, row.fence, "definition", key) for row in rows]
                won, by_twin = await asyncio.gather(
                    decided(member.fences, claims, f"{member.boot_id}:one-{key}"),
                    decided(twin, claims, f"{member.boot_id}:twin-{key}"),
                )
                assert won & by_twin == set(), f"key {key} was won by both"
                assert won | by_twin == set(TASKS), f"key {key} was won by nobody"
        finally:
            await twin.close()
            await twins_source.close()
        assert [row.fired_count for row in await member.fences.read()] == [KEYS] * len(TASKS)
