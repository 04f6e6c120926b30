"""Fence rows in the coordination database: `FenceTable` by batched compare-and-set (coordination 8.5, 8.6, 9.6)."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from micro_integrator.cluster import statements as sql
from micro_integrator.cluster.fences import Claim, FenceRow, Finish, Release
from micro_integrator.cluster.identity import Identity
from micro_integrator.cluster.lease import LIVE
from micro_integrator.database import (
    MAX_ROWS,
    BatchRow,
    BatchUpdate,
    Connection,
    DataSource,
    LostRace,
    Statement,
)

MANY_ROWS = 100
"""Rows inserted at once that make old statistics wrong."""
RESTART_GRACE_MS = 600_000
"""A node that was here so recently may be restarting: what it published counts as deployed."""


class DatabaseFences:
    """The rows of one group, written as the boot id that `adopt_boot` has set.

    Claims go through a connection of their own; it is opened on demand and thrown away when its answer is late,
    so that a claim sent again never queues behind its own lost copy.
    """

    def __init__(self, identity: Identity, source: DataSource, statement_limit: float) -> None:
        self._identity, self._source = identity, source
        self._statement_limit = statement_limit
        self._claims: Connection | None = None
        self._boot_id = ""

    def adopt_boot(self, boot_id: str) -> None:
        """From now on write as this boot id."""
        self._boot_id = boot_id

    async def close(self) -> None:
        """Close the claim connection."""
        connection, self._claims = self._claims, None
        if connection is not None:
            await connection.close()

    async def read(self) -> list[FenceRow]:
        """See FenceTable."""
        return [_row(row) for row in await self._source.rows(sql.READ_FENCES, group=self._identity.group_id)]

    async def read_one(self, task: str) -> FenceRow | None:
        """See FenceTable."""
        rows = await self._source.rows(sql.READ_FENCE, group=self._identity.group_id, task=task)
        return _row(rows[0]) if rows else None

    async def insert(self, tasks: Sequence[tuple[str, str, str]]) -> None:
        """See FenceTable."""
        try:
            await self._insert(tasks)
        except LostRace:  # another node inserts the same names at this moment: take them one by one
            for task in tasks:
                try:
                    await self._insert([task])
                except LostRace:
                    continue

        if len(tasks) >= MANY_ROWS:
            await self._change(sql.COUNT_FENCES)

    async def _insert(self, tasks: Sequence[tuple[str, str, str]]) -> None:
        for part in _parts([{"T": task, "D": definition, "I": intent} for task, definition, intent in tasks]):
            await self._source.insert_batch(
                sql.INSERT_FENCES,
                part,
                group=self._identity.group_id,
                node=self._identity.node_id,
                boot=self._boot_id,
            )

    async def take(self, rows: Iterable[FenceRow]) -> set[str]:
        """See FenceTable."""
        values = [{"T": row.task, "F": row.fence, "B": row.owner_boot} for row in rows]
        return await self._update(sql.TAKE_FENCES, values, node=self._identity.node_id, boot=self._boot_id)

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
        """See FenceTable; a time-out leaves the connection unusable, so the next claim opens a fresh one."""
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
        connection = self._claims or await self._source.connect(
            statement_timeout=self._statement_limit, connect_timeout=self._statement_limit
        )
        self._claims = None
        try:
            met = await connection.update_batch(
                sql.CLAIM, values, group=self._identity.group_id, boot=self._boot_id, claim=claim_id
            )
        except BaseException:
            connection.abort()
            raise
        self._claims = connection
        return met

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
            {"T": release.task, "F": release.fence, "D": definition, "S": release.last_state}
            for release, definition in tasks
        ]
        return await self._update(sql.COMPLETE_TASKS, values, boot=self._boot_id)

    async def release(self, releases: Sequence[Release]) -> set[str]:
        """See FenceTable."""
        values = [{"T": release.task, "F": release.fence, "S": release.last_state} for release in releases]
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

    async def undeploy(self, tasks: Sequence[str]) -> None:
        """See FenceTable; a task that another node still has, or may be restarting with, is left alone."""
        elsewhere = await self.published_elsewhere()
        await self._update(sql.ORPHANED_TASKS, [{"T": task} for task in tasks if task not in elsewhere])

    async def purge(self, rows: Iterable[FenceRow], window: float) -> None:
        """See FenceTable."""
        rows = [row for row in rows if row.orphan_since is not None]
        if not rows:
            return
        now_ms = await self._now_ms()
        elsewhere = await self.published_elsewhere()
        ripe = [
            row for row in rows
            if row.task not in elsewhere and now_ms - (row.orphan_since or now_ms) >= window * 1000
        ]  # fmt: skip
        if not ripe:
            return
        await self._change(sql.RAISE_FLOOR, floor=max(row.fence for row in ripe))
        for row in ripe:
            await self._change(sql.DELETE_ORPHAN, task=row.task, fence=row.fence, since=row.orphan_since)

    async def published_elsewhere(self) -> dict[str, set[str]]:
        """See FenceTable."""
        rows = await self._source.rows(
            sql.OTHER_DEPLOYMENTS, group=self._identity.group_id, node=self._identity.node_id
        )
        found: dict[str, set[str]] = {}
        for _, status, age_ms, tasks in rows:
            if status in LIVE or age_ms < RESTART_GRACE_MS:
                for name, published in json.loads(tasks).items():
                    found.setdefault(name, set()).add(published["definition"])
        return found

    async def _now_ms(self) -> int:
        rows = await self._source.rows(sql.SNAPSHOT, group=self._identity.group_id)
        return int(rows[0][0])

    async def _update(self, batch: BatchUpdate, values: Sequence[BatchRow], **binds: object) -> set[str]:
        met: set[str] = set()
        for part in _parts(values):
            met |= await self._source.update_batch(batch, part, group=self._identity.group_id, **binds)
        return met

    async def _change(self, statement: Statement, **binds: object) -> bool:
        return await self._source.changed(statement, group=self._identity.group_id, **binds) == 1


def _parts(values: Sequence[BatchRow]) -> Iterator[Sequence[BatchRow]]:
    return (values[start : start + MAX_ROWS] for start in range(0, len(values), MAX_ROWS))


def _row(values: Sequence[Any]) -> FenceRow:
    row = FenceRow(*values)
    row.owner_holds = bool(row.owner_holds)  # SQL says 0 or 1
    return row
