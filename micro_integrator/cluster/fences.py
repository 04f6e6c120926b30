"""One row per task: who may fire it, what was fired last, what the operator wants (MI_TASK_FENCE).

`FenceTable` is the port through which tasks reach these rows: `ownership` keeps them in the coordination database,
`standalone` in one file of a node that has no database. Each write is conditioned on the fence; what it returns are
the names of the rows it met.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from micro_integrator.cluster.group import Node
from micro_integrator.kit import MicroIntegratorError


class CoordinationError(MicroIntegratorError):
    """A request that coordination refuses; the text says why and what to do."""


@dataclass(slots=True)
class FenceRow:
    """A task's row as read; times are database milliseconds."""

    task: str
    fence: int
    owner_node: str | None
    owner_boot: str | None
    state: str
    intent: str
    intent_seq: int
    intent_done: int
    definition: str
    anchor_at: int | None
    anchor_key: int | None
    last_key: int
    last_state: str | None
    claim_id: str | None
    fired_count: int
    trigger_seq: int
    trigger_done: int
    trigger_at: int | None
    trigger_claim: str | None
    orphan_since: int | None
    move_to: str | None
    """The node to which its owner shall hand it over."""
    owner_holds: bool
    """Whether the owner's boot id has an ACTIVE or DRAINING lease: without it the task is orphaned."""
    last_fire_at: int | None = None
    """When `last_key` was claimed."""

    @property
    def was_reset(self) -> bool:
        """Whether an operator's reset has forgotten who claimed the last key."""
        return self.claim_id is None and self.last_key >= 0

    @property
    def is_orphaned(self) -> bool:
        """Whether any node that deploys the task may take it."""
        return not self.owner_holds and self.state != "COMPLETED"


@dataclass(frozen=True, slots=True)
class Claim:
    """One occurrence to be taken: coordination 8.6."""

    task: str
    fence: int
    definition: str
    key: int
    limit: int = -1
    """`count` of the trigger; -1 = for ever."""
    anchor_at: int | None = None
    """The new grid begins at this cluster time with this key."""
    former_claim: str | None = None
    """`claim_retry`: the claim of a dead owner that is taken over with its key."""


@dataclass(frozen=True, slots=True)
class Finish:
    """How a claimed occurrence ended: DONE or FAILED."""

    task: str
    fence: int
    key: int
    claim_id: str
    state: str


@dataclass(frozen=True, slots=True)
class Insertion:
    """A row for a task that has none, with its first owner."""

    task: str
    definition: str
    intent: str
    owner: Node | None


@dataclass(frozen=True, slots=True)
class Assignment:
    """An orphaned row, exactly as it was read, and its new owner; None: nobody can have it."""

    row: FenceRow
    owner: Node | None


@dataclass(frozen=True, slots=True)
class Release:
    """A task given up by its owner; `last_state` is what is known of the occurrence `last_key`."""

    task: str
    fence: int
    last_key: int | None = None
    last_state: str | None = None
    heir: Node | None = None
    """Who gets it in the same hop; None: nobody owns it until the leader assigns it."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process remembers of a row it owned, after the database has forgotten it."""

    task: str
    definition: str
    intent: str
    fence: int
    last_key: int
    fired_count: int


class FenceTable(Protocol):
    """The rows of one group. Methods raise DatabaseError where they are kept in a database."""

    async def read(self) -> list[FenceRow]:
        """Read every row of the group."""
        ...

    async def read_own(self) -> list[FenceRow]:
        """Read the rows that I own."""
        ...

    async def read_one(self, task: str) -> FenceRow | None:
        """Read the row of `task`."""
        ...

    async def insert(self, insertions: Sequence[Insertion]) -> None:
        """Insert rows; one that exists already stays as it is."""
        ...

    async def assign(self, assignments: Sequence[Assignment]) -> set[str]:
        """Give orphaned rows to their new owners; FENCE + 1."""
        ...

    async def move(self, moves: Sequence[tuple[FenceRow, str | None]]) -> set[str]:
        """Ask the owners of rows to hand them over to a node id; None takes that back."""
        ...

    async def published(self, tasks: Iterable[str]) -> None:
        """These tasks are deployed here: they are not waiting for their deletion any more."""
        ...

    async def adopt(self, changes: Iterable[tuple[str, str, str]]) -> set[str]:
        """Make (name, old hash, new hash) the current definition where the old one still is."""
        ...

    async def start(self, tasks: Iterable[tuple[FenceRow, str]]) -> set[str]:
        """Write STATE of my rows as read, unless the operator's intent has changed since."""
        ...

    async def claim(self, claims: Sequence[Claim], claim_id: str) -> set[str]:
        """Take one occurrence of each task. May be sent again with the same `claim_id` when its fate is unknown."""
        ...

    async def finish(self, finishes: Sequence[Finish]) -> None:
        """Note how claimed occurrences ended."""
        ...

    async def complete(self, tasks: Sequence[tuple[Release, str]]) -> set[str]:
        """Retire tasks whose count is used up; each with its definition hash."""
        ...

    async def release(self, releases: Sequence[Release]) -> set[str]:
        """Give up tasks, to their heirs if they have one; FENCE + 1.

        To be sent again until the row is met or has moved on.
        """
        ...

    async def set_intent(self, row: FenceRow, intent: str) -> bool:
        """Write what the operator wants, unless another operator was first."""
        ...

    async def request_trigger(self, row: FenceRow) -> bool:
        """Ask the owner for one run by hand."""
        ...

    async def claim_trigger(self, row: FenceRow, number: int, claim_id: str) -> bool:
        """Take run number `number` by hand; idempotent."""
        ...

    async def end_trigger(self, row: FenceRow, claim_id: str) -> None:
        """The run by hand has ended."""
        ...

    async def reset(self, row: FenceRow) -> bool:
        """Set the last key of a paused task to now."""
        ...

    async def undeploy(self, tasks: Iterable[str]) -> set[str]:
        """Note that these tasks were undeployed here on purpose.

        Returns those that are settled: noted, or still deployed elsewhere. For the others ask again after a while: a
        node that may be restarting has published them.
        """
        ...

    async def purge(self, rows: Iterable[FenceRow], before_ms: int) -> set[str]:
        """Delete those of `rows` whose tasks were undeployed everywhere before `before_ms`; return them."""
        ...

    async def mirror(self, rows: Iterable[FenceRow], *, afresh: bool) -> None:
        """Let WSO2's table show these rows, and no others of this group; `afresh`: others may have written to it."""
        ...

    async def raise_to(self, memories: Sequence[Memory]) -> None:
        """After the database went backwards: let no fence, key or count repeat that is remembered."""
        ...
