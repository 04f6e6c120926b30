"""Fence rows in the coordination database: `FenceTable` by batched compare-and-set (coordination 8.5, 8.6, 9.6)."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from micro_integrator.cluster import group_statements as group_sql
from micro_integrator.cluster import statements as sql
from micro_integrator.cluster.claim_connection import ClaimConnection
from micro_integrator.cluster.fences import (
    Assignment,
    Claim,
    FenceRow,
    Finish,
    Insertion,
    Memory,
    Release,
)
from micro_integrator.cluster.group import Node
from micro_integrator.cluster.identity import Identity
from micro_integrator.cluster.lease import LIVE
from micro_integrator.cluster.task_mirror import TaskMirror
from micro_integrator.database import (
    MAX_ROWS,
    BatchRow,
    BatchUpdate,
    DataSource,
    LostRace,
    Statement,
)

MANY_ROWS = 100
"""Rows inserted at once that make old statistics wrong."""
RESTART_GRACE_MS = 600_000
"""A node that was here so recently may be restarting: what it published counts as deployed."""


class DatabaseFences:
    """The rows of one group, written as the boot id that `adopt_boot` has set."""

    def __init__(self, identity: Identity, source: DataSource, statement_limit: float) -> None:
        self._identity, self._source = identity, source
        self._mirror = TaskMirror(identity.group_id, source)
        self._claims = ClaimConnection(source, statement_limit)
        self._boot_id = ""

    def adopt_boot(self, boot_id: str) -> None:
        """From now on write as this boot id."""
        self._boot_id = boot_id

    async def prepare_claims(self) -> None:
        """Log in and send the statement once without a row: after a takeover a claim waits for neither.

        Raises DatabaseError.
        """
        await self.claim((), "")

    async def close(self) -> None:
        """Close the connection for claims."""
        await self._claims.close()

    async def read(self) -> list[FenceRow]:
        """See FenceTable."""
        return [_row(row) for row in await self._source.rows(sql.READ_FENCES, group=self._identity.group_id)]

    async def read_one(self, task: str) -> FenceRow | None:
        """See FenceTable."""
        rows = await self._source.rows(sql.READ_FENCE, group=self._identity.group_id, task=task)
        return _row(rows[0]) if rows else None

    async def read_own(self) -> list[FenceRow]:
        """See FenceTable."""
        rows = await self._source.rows(sql.READ_OWN_FENCES, group=self._identity.group_id, boot=self._boot_id)
        return [_row(row) for row in rows]

    async def insert(self, insertions: Sequence[Insertion]) -> None:
        """See FenceTable."""
        values = [
            {"T": new.task, "D": new.definition, "I": new.intent, **_owner(new.owner)} for new in insertions
        ]
        for part in _parts(values):
            try:
                await self._insert(part)
            except LostRace:  # another leader inserts the same names at this moment: take them one by one
                for value in part:
                    with contextlib.suppress(LostRace):
                        await self._insert([value])
        if len(values) >= MANY_ROWS:
            await self._change(sql.COUNT_FENCES)

    async def _insert(self, values: Sequence[BatchRow]) -> None:
        await self._source.insert_batch(sql.INSERT_FENCES, values, group=self._identity.group_id)

    async def assign(self, assignments: Sequence[Assignment]) -> set[str]:
        """See FenceTable."""
        values = [
            {"T": one.row.task, "F": one.row.fence, "O": one.row.owner_boot, **_owner(one.owner)}
            for one in assignments
        ]
        return await self._update(sql.ASSIGN_TASKS, values)

    async def move(self, moves: Sequence[tuple[FenceRow, str | None]]) -> set[str]:
        """See FenceTable."""
        values = [{"T": row.task, "F": row.fence, "N": node_id} for row, node_id in moves]
        return await self._update(sql.MOVE_TASKS, values)

    async def published(self, tasks: Iterable[str]) -> None:
        """See FenceTable."""
        await self._update(sql.PUBLISHED_HERE, [{"T": task} for task in tasks])

    async def adopt(self, changes: Iterable[tuple[str, str, str]]) -> set[str]:
        """See FenceTable."""
        values = [{"T": task, "D": old, "N": new} for task, old, new in changes]
        return await self._update(sql.ADOPT_DEFINITIONS, values)

    async def start(self, tasks: Iterable[tuple[FenceRow, str]]) -> set[str]:
        """See FenceTable."""
        values = [
            {"T": row.task, "F": row.fence, "I": row.intent, "Q": row.intent_seq, "S": state}
            for row, state in tasks
        ]
        return await self._update(sql.START_TASKS, values, boot=self._boot_id)

    async def claim(self, claims: Sequence[Claim], claim_id: str) -> set[str]:
        """See FenceTable."""
        values = [
            {
                "T": claim.task,
                "F": claim.fence,
                "D": claim.definition,
                "K": claim.key,
                "C": claim.limit,
                "A": claim.anchor_at,
                "P": claim.former_claim,
            }
            for claim in claims
        ]
        return await self._claims.update(
            sql.CLAIM, values, group=self._identity.group_id, boot=self._boot_id, claim=claim_id
        )

    async def finish(self, finishes: Sequence[Finish]) -> None:
        """See FenceTable."""
        values = [
            {"T": end.task, "F": end.fence, "K": end.key, "C": end.claim_id, "S": end.state}
            for end in finishes
        ]
        await self._update(sql.FINISH_FIRES, values)

    async def complete(self, tasks: Sequence[tuple[Release, str]]) -> set[str]:
        """See FenceTable."""
        values = [
            {
                "T": release.task,
                "F": release.fence,
                "D": definition,
                "K": release.last_key,
                "S": release.last_state,
            }
            for release, definition in tasks
        ]
        return await self._update(sql.COMPLETE_TASKS, values, boot=self._boot_id)

    async def release(self, releases: Sequence[Release]) -> set[str]:
        """See FenceTable."""
        values = [
            {"T": one.task, "F": one.fence, "K": one.last_key, "S": one.last_state, **_owner(one.heir)}
            for one in releases
        ]
        return await self._update(sql.RELEASE_TASKS, values, boot=self._boot_id)

    async def set_intent(self, row: FenceRow, intent: str) -> bool:
        """See FenceTable; activating a completed task lets it run its count anew."""
        if intent == "RUN" and row.state == "COMPLETED":
            return await self._change(sql.REVIVE_COMPLETED, task=row.task, seen=row.intent_seq)
        return await self._change(sql.SET_INTENT, task=row.task, seen=row.intent_seq, intent=intent)

    async def request_trigger(self, row: FenceRow) -> bool:
        """See FenceTable."""
        return await self._change(sql.REQUEST_TRIGGER, task=row.task, seen=row.trigger_seq)

    async def claim_trigger(self, row: FenceRow, number: int, claim_id: str) -> bool:
        """See FenceTable."""
        return await self._change(
            sql.CLAIM_TRIGGER,
            task=row.task,
            fence=row.fence,
            boot=self._boot_id,
            number=number,
            claim=claim_id,
        )

    async def end_trigger(self, row: FenceRow, claim_id: str) -> None:
        """See FenceTable."""
        await self._change(sql.END_TRIGGER, task=row.task, fence=row.fence, claim=claim_id)

    async def reset(self, row: FenceRow) -> bool:
        """See FenceTable."""
        return await self._change(sql.RESET_LAST_KEY, task=row.task, fence=row.fence)

    async def undeploy(self, tasks: Iterable[str]) -> set[str]:
        """See FenceTable."""
        live, recent = await self._published_elsewhere()
        free = {task for task in tasks if task not in live and task not in recent}
        await self._update(sql.ORPHANED_TASKS, [{"T": task} for task in free])
        return free | (set(tasks) & live)

    async def _published_elsewhere(self) -> tuple[set[str], set[str]]:
        """Read which tasks live nodes publish, and which only nodes that may be restarting."""
        rows = await self._source.rows(
            group_sql.OTHER_DEPLOYMENTS, group=self._identity.group_id, node=self._identity.node_id
        )
        live, recent = set[str](), set[str]()
        for _, status, age_ms, tasks in rows:
            if status in LIVE:
                live |= json.loads(tasks).keys()
            elif age_ms < RESTART_GRACE_MS:
                recent |= json.loads(tasks).keys()
        return live, recent - live

    async def purge(self, rows: Iterable[FenceRow], before_ms: int) -> set[str]:
        """See FenceTable."""
        ripe = [row for row in rows if row.orphan_since is not None and row.orphan_since <= before_ms]
        if not ripe:
            return set()
        await self._source.changed(
            group_sql.RAISE_FLOOR, group=self._identity.group_id, floor=max(row.fence for row in ripe)
        )
        gone = set()
        for row in ripe:
            if await self._change(
                sql.DELETE_ORPHAN,
                task=row.task,
                fence=row.fence,
                since=row.orphan_since,
                published=f"{json.dumps(row.task)}:",
                grace=RESTART_GRACE_MS,
            ):
                gone.add(row.task)
        return gone

    async def mirror(self, rows: Iterable[FenceRow], *, afresh: bool) -> None:
        """See FenceTable."""
        await self._mirror.show(rows, afresh=afresh)

    async def raise_to(self, memories: Sequence[Memory]) -> None:
        """See FenceTable."""
        if not memories:
            return
        floor = max(memory.fence for memory in memories)
        await self._source.changed(group_sql.RAISE_FLOOR, group=self._identity.group_id, floor=floor)
        known = {row.task for row in await self.read()}
        lost = [one for one in memories if one.task not in known]
        await self.insert([Insertion(one.task, one.definition, one.intent, owner=None) for one in lost])
        values = [
            {"T": one.task, "F": one.fence, "K": one.last_key, "C": one.fired_count} for one in memories
        ]
        await self._update(sql.RAISE_TO_REMEMBERED, values)

    async def _update(self, batch: BatchUpdate, values: Sequence[BatchRow], **binds: object) -> set[str]:
        met: set[str] = set()
        for part in _parts(values):
            met |= await self._source.update_batch(batch, part, group=self._identity.group_id, **binds)
        return met

    async def _change(self, statement: Statement, **binds: object) -> bool:
        return await self._source.changed(statement, group=self._identity.group_id, **binds) == 1


def _parts(values: Sequence[BatchRow]) -> Iterator[Sequence[BatchRow]]:
    return (values[start : start + MAX_ROWS] for start in range(0, len(values), MAX_ROWS))


def _owner(node: Node | None) -> BatchRow:
    return {"N": node.node_id, "B": node.boot_id} if node is not None else {"N": None, "B": None}


def _row(values: Sequence[Any]) -> FenceRow:
    row = FenceRow(*values)
    row.owner_holds = bool(row.owner_holds)  # SQL says 0 or 1
    return row
