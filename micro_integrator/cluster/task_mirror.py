"""WSO2's COORDINATED_TASK_TABLE, so that operators' queries stay true (coordination 8.2, 8.5).

Written by the leader after a pass, by statements of its own, and never read for a decision. Outside group `default` a
task stands there as `<group>/<task>`, because that table has no group.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from micro_integrator.cluster import group_statements as sql
from micro_integrator.cluster.fences import FenceRow
from micro_integrator.database import MAX_ROWS, BatchRow, DataSource, LostRace

Shown = tuple[str | None, str]
"""Owner and state of a task."""


class TaskMirror:
    """Writes what differs from what it has written before; a new leader reads the table once."""

    def __init__(self, group_id: str, source: DataSource) -> None:
        self._prefix = "" if group_id == "default" else f"{group_id}/"
        self._group_id, self._source = group_id, source
        self._shown: dict[str, Shown] | None = None

    async def show(self, rows: Iterable[FenceRow], *, afresh: bool) -> None:
        """Let the table show `rows` and nothing else of this group; `afresh`: others may have written since.

        Raises DatabaseError.
        """
        shown = await self._read() if afresh or self._shown is None else self._shown
        self._shown = None  # after a failure it is read again
        wanted = {
            self._prefix + row.task: (row.owner_node if row.owner_holds else None, _state(row))
            for row in rows
        }
        for task in shown.keys() - wanted.keys():
            await self._source.changed(sql.DELETE_MIRRORED, task=task)
        for part in _parts({task: wanted[task] for task in wanted.keys() - shown.keys()}):
            await self._insert(part)
        changed = {task: wanted[task] for task in wanted.keys() & shown.keys() if wanted[task] != shown[task]}
        for part in _parts(changed):
            await self._source.update_batch(sql.UPDATE_MIRRORED, part)
        self._shown = wanted

    async def _insert(self, part: Sequence[BatchRow]) -> None:
        try:
            await self._source.insert_batch(sql.INSERT_MIRRORED, part, group=self._group_id)
        except LostRace:  # WSO2's table may take Task-1 and task-1 for the same: the first one stands there
            for row in part:
                with suppress(LostRace):
                    await self._source.insert_batch(sql.INSERT_MIRRORED, [row], group=self._group_id)

    async def _read(self) -> dict[str, Shown]:
        rows = await self._source.rows(sql.READ_MIRRORED)
        return {name: (owner, state) for name, owner, state in rows if self._is_ours(name)}

    def _is_ours(self, name: str) -> bool:
        return name.startswith(self._prefix) if self._prefix else "/" not in name


def _parts(tasks: Mapping[str, Shown]) -> Iterator[Sequence[BatchRow]]:
    rows = [{"T": task, "N": owner, "S": state} for task, (owner, state) in sorted(tasks.items())]
    return (rows[start : start + MAX_ROWS] for start in range(0, len(rows), MAX_ROWS))


def _state(row: FenceRow) -> str:
    """The state by WSO2's words (coordination 2.2)."""
    if row.state == "COMPLETED":
        return "COMPLETED"
    if row.intent == "PAUSE":
        return "DEACTIVATED" if row.state == "RUNNING" else "PAUSED"
    return "ACTIVATED" if row.state == "PAUSED" else row.state
