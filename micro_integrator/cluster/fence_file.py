"""The rows of a node without a database, in one file (coordination 8.7).

`registry/local/tasks.json` holds intent, keys and counts of every task. It is replaced atomically before a claimed
body starts, so an occurrence that was started is known after a crash.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from micro_integrator.cluster.fences import (
    Assignment,
    Claim,
    FenceRow,
    Finish,
    Insertion,
    Memory,
    Release,
)
from micro_integrator.database import Unreachable
from micro_integrator.kit import Reminders, boottime, wall_ms, write_atomically
from micro_integrator.observability import get_logger

log = get_logger("Standalone")

BOOT_ID = "standalone"


class FenceFile:
    """`FenceTable` in memory, written through to one file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: dict[str, FenceRow] = {}
        self._writing = asyncio.Lock()
        self._version = 0
        self._written = 0
        self._reminders = Reminders()

    def load(self) -> None:
        """Read the file; what cannot be read is set aside with a warning, and the node starts afresh."""
        try:
            stored = json.loads(self._path.read_text())
            self._rows = {row["task"]: FenceRow(**row) for row in stored["tasks"]}
        except FileNotFoundError:
            return
        except (OSError, ValueError, KeyError, TypeError) as error:
            aside = self._path.with_suffix(".unreadable")
            log.warning(
                "{file}: task state cannot be read ({error}); keeping it as {aside} and starting afresh",
                file=str(self._path),
                error=str(error),
                aside=aside.name,
            )
            self._path.replace(aside)
        for row in self._rows.values():
            row.owner_node = row.owner_boot = None
            row.owner_holds = False

    async def read(self) -> list[FenceRow]:
        """See FenceTable."""
        return [_copy(row) for row in self._rows.values()]

    async def read_own(self) -> list[FenceRow]:
        """See FenceTable."""
        return [_copy(row) for row in self._rows.values() if row.owner_boot == BOOT_ID]

    async def read_one(self, task: str) -> FenceRow | None:
        """See FenceTable."""
        row = self._rows.get(task)
        return _copy(row) if row else None

    async def insert(self, insertions: Sequence[Insertion]) -> None:
        """See FenceTable."""
        for new in insertions:
            if new.task not in self._rows:
                self._rows[new.task] = _new_row(new.task, new.definition, new.intent)
        await self._save()

    async def assign(self, assignments: Sequence[Assignment]) -> set[str]:
        """See FenceTable; there is one node to own anything."""

        def own(row: FenceRow) -> None:
            row.owner_node, row.owner_boot, row.owner_holds = BOOT_ID, BOOT_ID, True
            row.fence, row.orphan_since = row.fence + 1, None
            row.state = "NONE" if row.state == "RUNNING" else row.state

        wanted = [one.row for one in assignments if one.owner is not None and one.row.state != "COMPLETED"]
        return await self._change([(row.task, row.fence) for row in wanted], own)

    async def move(self, moves: Sequence[tuple[FenceRow, str | None]]) -> set[str]:
        """See FenceTable; there is nowhere to go."""
        return set()

    async def published(self, tasks: Iterable[str]) -> None:
        """See FenceTable."""

        def keep(row: FenceRow) -> None:
            row.orphan_since = None

        known = [self._rows[task] for task in tasks if task in self._rows]
        waiting = [(row.task, row.fence) for row in known if row.orphan_since is not None]
        if waiting:
            await self._change(waiting, keep)

    async def adopt(self, changes: Iterable[tuple[str, str, str]]) -> set[str]:
        """See FenceTable."""
        met = set()
        for task, old, new in changes:
            row = self._rows.get(task)
            if row is not None and row.definition == old:
                row.definition, row.anchor_at, row.anchor_key, row.fired_count = new, None, None, 0
                row.state = "NONE" if row.state == "COMPLETED" else row.state
                met.add(task)
        await self._save()
        return met

    async def start(self, tasks: Iterable[tuple[FenceRow, str]]) -> set[str]:
        """See FenceTable."""
        met = set()
        for seen, state in tasks:
            row = self._rows.get(seen.task)
            if row is not None and (row.fence, row.intent_seq) == (seen.fence, seen.intent_seq):
                row.state, row.intent_done = state, seen.intent_seq
                met.add(seen.task)
        await self._save()
        return met

    async def claim(self, claims: Sequence[Claim], claim_id: str) -> set[str]:
        """See FenceTable."""
        met = {claim.task for claim in claims if self._take_key(claim, claim_id)}
        await self._save()
        return met

    def _take_key(self, claim: Claim, claim_id: str) -> bool:
        row = self._rows.get(claim.task)
        if row is None or (row.fence, row.definition, row.intent) != (claim.fence, claim.definition, "RUN"):
            return False
        is_next = row.last_key < claim.key and (claim.limit < 0 or row.fired_count < claim.limit)
        is_again = (row.last_key, row.last_state) == (claim.key, "CLAIMED") and (
            row.claim_id in {claim_id, claim.former_claim}
        )
        if not (is_next or is_again):
            return False
        row.fired_count += 1 if is_next else 0
        row.last_key, row.last_state, row.claim_id = claim.key, "CLAIMED", claim_id
        row.last_fire_at = wall_ms()
        if claim.anchor_at is not None:
            row.anchor_at, row.anchor_key = claim.anchor_at, claim.key
        return True

    async def finish(self, finishes: Sequence[Finish]) -> None:
        """See FenceTable."""
        for finish in finishes:
            row = self._rows.get(finish.task)
            if row is not None and (row.last_key, row.claim_id) == (finish.key, finish.claim_id):
                row.last_state = finish.state
        await self._save()

    async def complete(self, tasks: Sequence[tuple[Release, str]]) -> set[str]:
        """See FenceTable."""
        met = await self.release([release for release, _ in tasks])
        for task in met:
            self._rows[task].state = "COMPLETED"
        await self._save()
        return met

    async def release(self, releases: Sequence[Release]) -> set[str]:
        """See FenceTable."""
        endings = {release.task: release for release in releases}

        def give_up(row: FenceRow) -> None:
            row.owner_node = row.owner_boot = None
            row.owner_holds, row.fence = False, row.fence + 1
            row.state = "NONE" if row.state == "RUNNING" else row.state
            if endings[row.task].last_key == row.last_key:
                row.last_state = endings[row.task].last_state or row.last_state

        return await self._change([(release.task, release.fence) for release in releases], give_up)

    async def set_intent(self, row: FenceRow, intent: str) -> bool:
        """See FenceTable."""

        def want(mine: FenceRow) -> None:
            mine.intent, mine.intent_seq = intent, mine.intent_seq + 1
            if intent == "RUN" and mine.state == "COMPLETED":
                mine.state, mine.fired_count, mine.anchor_at, mine.anchor_key = "NONE", 0, None, None

        return bool(await self._change([(row.task, row.fence)], want))

    async def request_trigger(self, row: FenceRow) -> bool:
        """See FenceTable."""

        def ask(mine: FenceRow) -> None:
            mine.trigger_seq, mine.trigger_at = mine.trigger_seq + 1, wall_ms()

        return row.state != "COMPLETED" and bool(await self._change([(row.task, row.fence)], ask))

    async def claim_trigger(self, row: FenceRow, number: int, claim_id: str) -> bool:
        """See FenceTable."""
        mine = self._rows.get(row.task)
        if mine is None or mine.fence != row.fence:
            return False
        is_next = mine.trigger_done < number
        if not is_next and (mine.trigger_done, mine.trigger_claim) != (number, claim_id):
            return False
        mine.trigger_done, mine.trigger_claim = number, claim_id
        await self._save()
        return True

    async def end_trigger(self, row: FenceRow, claim_id: str) -> None:
        """See FenceTable."""

        def end(mine: FenceRow) -> None:
            mine.trigger_claim = None

        await self._change([(row.task, row.fence)], end)

    async def reset(self, row: FenceRow) -> bool:
        """See FenceTable."""

        def forget(mine: FenceRow) -> None:
            mine.last_key, mine.last_state, mine.claim_id = wall_ms(), None, None
            mine.anchor_at = mine.anchor_key = None

        return row.intent == "PAUSE" and bool(await self._change([(row.task, row.fence)], forget))

    async def undeploy(self, tasks: Iterable[str]) -> set[str]:
        """See FenceTable."""
        for task in tasks:
            if (row := self._rows.get(task)) is not None and row.orphan_since is None:
                row.orphan_since = wall_ms()
        await self._save()
        return set(tasks)

    async def mirror(self, rows: Iterable[FenceRow], *, afresh: bool) -> None:
        """See FenceTable; there is no such table."""

    async def raise_to(self, memories: Sequence[Memory]) -> None:
        """See FenceTable; a file does not go backwards unseen."""

    async def purge(self, rows: Iterable[FenceRow], before_ms: int) -> set[str]:
        """See FenceTable."""
        ripe = [row for row in rows if row.orphan_since is not None and row.orphan_since <= before_ms]
        gone = {row.task for row in ripe if self._rows.get(row.task) == row}
        for task in gone:
            del self._rows[task]
        if gone:
            await self._save()
        return gone

    async def _change(self, seen: Iterable[tuple[str, int]], change: Callable[[FenceRow], None]) -> set[str]:
        met = set()
        for task, fence in seen:
            row = self._rows.get(task)
            if row is not None and row.fence == fence:
                change(row)
                met.add(task)
        await self._save()
        return met

    async def _save(self) -> None:
        """Write the newest state; callers that arrive during a write share the next one."""
        self._version += 1
        mine = self._version
        async with self._writing:
            if self._written >= mine:
                return
            version = self._version
            content = json.dumps({"tasks": [asdict(row) for row in self._rows.values()]}).encode()
            try:
                await asyncio.to_thread(self._write, content)
            except OSError as error:
                raise self._unwritable(error) from error
            self._written = version

    def _unwritable(self, error: OSError) -> Unreachable:
        """A disk that is full or read-only is to tasks what a database that is away is to others."""
        trouble = f"{self._path}: task state cannot be written ({error.strerror or error}); no task fires without it"
        if self._reminders.is_due(boottime()):
            log.error("{trouble}", trouble=trouble)
        return Unreachable(trouble)

    def _write(self, content: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(self._path, content, mode=0o600)


def _new_row(task: str, definition: str, intent: str) -> FenceRow:
    return FenceRow(
        task=task,
        fence=wall_ms(),
        owner_node=BOOT_ID,
        owner_boot=BOOT_ID,
        state="NONE",
        intent=intent,
        intent_seq=0,
        intent_done=0,
        definition=definition,
        anchor_at=None,
        anchor_key=None,
        last_key=-1,
        last_state=None,
        claim_id=None,
        fired_count=0,
        trigger_seq=0,
        trigger_done=0,
        trigger_at=None,
        trigger_claim=None,
        orphan_since=None,
        move_to=None,
        owner_holds=True,
    )


def _copy(row: FenceRow) -> FenceRow:
    return replace(row)
