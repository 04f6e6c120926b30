"""The coordination database of a run: the shipped tables and statements on SQLite in memory, under virtual time.

Statements are executed one after the other, each its own transaction. Triggers report what happens to fence rows, and
which leases are ended, whoever did it and whenever it arrived.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from micro_integrator.cluster.schema import scripts
from micro_integrator.database import Problem
from micro_integrator.database.dialects.dialect import Asker
from micro_integrator.database.dialects.sqlite import SQLite
from micro_integrator.database.target import Target

EPOCH_MS = 1_800_000_000_000
"""What the database's clock says when a run begins."""

_TRIGGERS = """
CREATE TEMP TRIGGER WATCH_UPDATE AFTER UPDATE ON MI_TASK_FENCE BEGIN
    SELECT row_updated(OLD.TASK_NAME, OLD.FENCE, NEW.FENCE, OLD.OWNER_BOOT_ID, NEW.OWNER_BOOT_ID, OLD.LAST_FIRE_KEY,
                       NEW.LAST_FIRE_KEY, OLD.CLAIM_ID, NEW.CLAIM_ID, OLD.DEF_HASH, OLD.ORPHAN_SINCE,
                       NEW.ORPHAN_SINCE, NEW.DEF_HASH,
                       (SELECT group_concat(l.BOOT_ID) FROM MI_NODE_LEASE l
                          JOIN MI_NODE_DEPLOYMENT d ON d.NODE_ID = l.NODE_ID AND d.BOOT_ID = l.BOOT_ID
                         WHERE l.STATUS IN ('JOINING', 'ACTIVE', 'DRAINING')
                           AND instr(d.TASKS, '"' || OLD.TASK_NAME || '":{"definition":"' || OLD.DEF_HASH) > 0));
END;
CREATE TEMP TRIGGER WATCH_INSERT AFTER INSERT ON MI_TASK_FENCE BEGIN
    SELECT row_inserted(NEW.TASK_NAME, NEW.FENCE);
END;
CREATE TEMP TRIGGER WATCH_EVICTION AFTER UPDATE OF STATUS ON MI_NODE_LEASE WHEN NEW.STATUS = 'EVICTED' BEGIN
    SELECT lease_evicted(OLD.BOOT_ID);
END;
CREATE TEMP TRIGGER WATCH_DELETE AFTER DELETE ON MI_TASK_FENCE BEGIN
    SELECT row_deleted(OLD.TASK_NAME, OLD.FENCE);
END;
"""


class ModelDialect(SQLite):
    """The shipped SQLite, whose clock is the model's and whose connections are cut in the model."""

    accents: ClassVar = {**SQLite.accents, "now_ms": "database_now_ms()"}

    def start_up_problem(self, target: Target) -> str:
        return ""

    def abort(self, driver_connection: Any) -> None:
        driver_connection.cut()

    async def check(self, asker: Asker) -> list[Problem]:
        return []


@dataclass(frozen=True, slots=True)
class FenceUpdate:
    """One executed change of a fence row: columns before and after."""

    task: str
    old_fence: int
    fence: int
    old_boot: str | None
    boot: str | None
    old_key: int
    key: int
    old_claim: str | None
    claim: str | None
    definition: str
    """DEF_HASH before the change, as a claim must have met it."""
    old_orphan_since: int | None
    orphan_since: int | None
    new_definition: str
    holders: str | None
    """The boot ids of live members that publish the definition before the change."""


class FenceWatch:
    """Hears every change of a fence row, and every eviction, at the moment it is made."""

    def updated(self, update: FenceUpdate) -> None:
        """A row was changed."""

    def inserted(self, task: str, fence: int) -> None:
        """A row was made."""

    def deleted(self, task: str, fence: int) -> None:
        """A row is gone."""

    def evicted(self, boot_id: str) -> None:
        """The lease of `boot_id` was ended by another node."""

    def restored(self) -> None:
        """The database shows an older state."""


@dataclass(slots=True)
class Answer:
    """What a statement returns, as the shipped Connection reads it."""

    labels: tuple[str, ...]
    found: list[tuple[Any, ...]]
    rowcount: int

    @property
    def returns_rows(self) -> bool:
        """Whether there are rows to fetch, be it none of them."""
        return bool(self.labels)

    def keys(self) -> tuple[str, ...]:
        """The labels of the columns."""
        return self.labels

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows."""
        return self.found


class SimulatedDatabase:
    """`now` is the true time; the clock may be set back and forth by `step_ms`."""

    def __init__(self, now: Callable[[], float], watch: FenceWatch) -> None:
        self.dialect = ModelDialect()
        self.step_ms = 0
        self.executed = 0
        self._now, self._watch = now, watch
        self._tables = sqlite3.connect(":memory:", isolation_level=None)
        self._backup: sqlite3.Connection | None = None
        self._tables.create_function("database_now_ms", 0, self.now_ms)
        self._tables.create_function("row_updated", 14, lambda *row: watch.updated(FenceUpdate(*row)))
        self._tables.create_function("row_inserted", 2, watch.inserted)
        self._tables.create_function("row_deleted", 2, watch.deleted)
        self._tables.create_function("lease_evicted", 1, watch.evicted)
        self._tables.executescript(scripts()[f"{self.dialect.scripts}_cluster.sql"])
        self._tables.executescript(_TRIGGERS)

    def now_ms(self) -> int:
        """The database's clock."""
        return EPOCH_MS + round(self._now() * 1000) + self.step_ms

    def execute(self, text: str, parameters: Sequence[Any]) -> Answer:
        """Execute one statement. Raises sqlite3.Error as the driver would."""
        self.executed += 1
        cursor = self._tables.execute(text, parameters)
        labels = tuple(column[0] for column in cursor.description or ())
        return Answer(labels, cursor.fetchall(), cursor.rowcount)

    def is_paused(self, task: str) -> bool:
        """Whether the row of `task` says that it has stopped running."""
        found = self._tables.execute("SELECT STATE FROM MI_TASK_FENCE WHERE TASK_NAME = ?", (task,))
        return found.fetchall() == [("PAUSED",)]

    def back_up(self) -> None:
        """Keep the present state."""
        self._backup = sqlite3.connect(":memory:")
        self._tables.backup(self._backup)

    def restore(self) -> None:
        """Go back to the state last kept."""
        assert self._backup is not None, "nothing was kept"
        self._backup.backup(self._tables)
        self._watch.restored()

    def close(self) -> None:
        """Forget everything."""
        self._tables.close()
        if self._backup is not None:
            self._backup.close()
