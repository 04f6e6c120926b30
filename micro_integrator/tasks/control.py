"""What operators do with tasks, from any node: list, pause, activate, trigger, reset, move (coordination 8.5, 8.6)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from micro_integrator.cluster import CoordinationError, FenceRow
from micro_integrator.database import DatabaseError
from micro_integrator.kit import SystemClock, boottime, did_you_mean
from micro_integrator.observability import get_logger
from micro_integrator.tasks.destination import obstacle
from micro_integrator.tasks.keeper import Keeper

log = get_logger("StartUpController")

EFFECT_LIMIT = 5.0
"""Seconds to wait until the owner has followed."""
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One line of `task list`; instants are milliseconds since 1970."""

    name: str
    owner: str | None
    """The node that fires it; None while nobody holds it."""
    destined: str | None
    """The node it is being moved to, else its owner."""
    last_fire_ms: int | None
    """When its newest occurrence was claimed."""
    next_fire_ms: int | None
    """When it is due here; None on nodes that do not own it."""
    last_key: int | None
    last_state: str | None
    intent: str
    state: str
    runs: int
    """Occurrences claimed since its definition came into force."""
    skipped: int
    """Occurrences skipped on this node since it was given the task."""
    failed: int
    """Bodies that failed, counted in the same way."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What became of a request; `effective` says whether the owner has followed within EFFECT_LIMIT."""

    effective: bool


class Control:
    """The tasks of a node and of its group, as an operator sees them."""

    def __init__(self, keepers: Callable[[], Iterable[Keeper]]) -> None:
        self._keepers = keepers
        self._clock = SystemClock()

    async def list(self) -> list[TaskLine]:
        """Return one line per task of the group, sorted by name. Raises CoordinationError without the database."""
        lines = []
        for keeper in self._keepers():
            try:
                rows = await keeper.cluster.fences.read()
            except DatabaseError as error:
                raise CoordinationError(f"The coordination database does not answer: {error}") from error
            lines += [_line(keeper, row) for row in rows]
        return sorted(lines, key=lambda line: line.name)

    async def pause(self, name: str, by: str) -> Effect:
        """Let no further occurrence of `name` run, on whatever node, until it is activated."""
        log.info("Deactivating the Task: {task}", task=name)
        effect = await self._want(name, "PAUSE")
        log.info("Task [{task}] is successfully deactivated.", task=name)
        return effect

    async def activate(self, name: str, by: str) -> Effect:
        """Let `name` run again; a completed task starts its count anew."""
        log.info("Activating the Task: {task}", task=name)
        effect = await self._want(name, "RUN")
        log.info("Task [{task}] is successfully activated.", task=name)
        return effect

    async def trigger(self, name: str, by: str) -> Effect:
        """Ask the owner for one run by hand. Raises CoordinationError for a completed or unknown task."""
        log.info("Triggering the Task: {task}", task=name)
        for _ in range(ATTEMPTS):
            keeper, row = await self._find(name)
            if row.state == "COMPLETED":
                raise CoordinationError(f"Task [{name}] is completed; activate it first")
            if await keeper.cluster.fences.request_trigger(row):
                keeper.follower.wake()
                await keeper.cluster.raise_signal()
                done = await self._until(keeper, name, partial(_has_run, number=row.trigger_seq + 1))
                log.info("Task [{task}] is successfully triggered.", task=name)
                return Effect(done)
        raise CoordinationError(f"Task [{name}] is being changed by others; try again")

    async def reset(self, name: str, by: str) -> Effect:
        """Set the last key of a paused task to the database's now: the way back from a wrong database clock."""
        keeper, row = await self._find(name)
        if row.intent != "PAUSE":
            raise CoordinationError(
                f"Task [{name}] must be paused before it is reset: run 'task pause {name}'"
            )
        if not await keeper.cluster.fences.reset(row):
            raise CoordinationError(f"Task [{name}] has changed meanwhile; try again")
        keeper.follower.wake()
        await keeper.cluster.raise_signal()
        return Effect(True)

    async def move(self, name: str, node: str, by: str) -> Effect:
        """Ask the owner of `name` to hand it over to `node`, without a gap or an overlap.

        Raises CoordinationError when that node cannot have it.
        """
        for _ in range(ATTEMPTS):
            keeper, row = await self._find(name)
            if row.owner_holds and row.owner_node == node and row.move_to is None:
                return Effect(True)
            await self._check_destination(keeper, row, node)
            if await keeper.cluster.fences.move([(row, node)]):
                log.info("Moving the Task: {task} to node [{node}]", task=name, node=node)
                keeper.follower.wake()
                await keeper.cluster.raise_signal()
                return Effect(await self._until(keeper, name, partial(_is_owned_by, node=node)))
        raise CoordinationError(f"Task [{name}] is being changed by others; try again")

    async def _check_destination(self, keeper: Keeper, row: FenceRow, node: str) -> None:
        cluster = keeper.cluster
        if not cluster.is_clustered:
            raise CoordinationError(f"Task [{row.task}] is not coordinated: it cannot leave this node")
        rows, published = await cluster.fences.read(), await cluster.publications()
        if problem := obstacle(row, node, rows, cluster.nodes, published, keeper.resolver):
            raise CoordinationError(problem)

    async def _want(self, name: str, intent: str) -> Effect:
        for _ in range(ATTEMPTS):
            keeper, row = await self._find(name)
            if row.intent == intent and row.state != "COMPLETED":
                return Effect(True)
            if await keeper.cluster.fences.set_intent(row, intent):
                keeper.follower.wake()
                await keeper.cluster.raise_signal()
                return Effect(
                    await self._until(keeper, name, partial(_is_followed, number=row.intent_seq + 1))
                )
        raise CoordinationError(f"Task [{name}] is being changed by others; try again")

    async def _find(self, name: str) -> tuple[Keeper, FenceRow]:
        names: list[str] = []
        for keeper in self._keepers():
            if (row := await keeper.cluster.fences.read_one(name)) is not None:
                return keeper, row
            names += [row.task for row in await keeper.cluster.fences.read()]
        raise CoordinationError(f"There is no task [{name}]{did_you_mean(name, names)}")

    async def _until(self, keeper: Keeper, name: str, is_so: Callable[[FenceRow], bool]) -> bool:
        deadline = boottime() + EFFECT_LIMIT
        while boottime() < deadline:
            row = await keeper.cluster.fences.read_one(name)
            if row is None or is_so(row):
                return row is not None
            await self._clock.sleep(0.1)
        return False


def _has_run(row: FenceRow, number: int) -> bool:
    return row.trigger_done >= number


def _is_followed(row: FenceRow, number: int) -> bool:
    return row.intent_done >= number or not row.owner_holds


def _is_owned_by(row: FenceRow, node: str) -> bool:
    return row.owner_holds and row.owner_node == node


def _line(keeper: Keeper, row: FenceRow) -> TaskLine:
    owned = keeper.scheduler.owned.get(row.task)
    upcoming = owned.upcoming if owned is not None else None
    owner = row.owner_node if row.owner_holds else None
    return TaskLine(
        name=row.task,
        owner=owner,
        destined=row.move_to or owner,
        last_fire_ms=row.last_fire_at,
        next_fire_ms=upcoming.due_ms if upcoming is not None else None,
        last_key=None if row.last_key < 0 else row.last_key,
        last_state=row.last_state,
        intent=row.intent,
        state=row.state,
        runs=row.fired_count,
        skipped=owned.skipped if owned is not None else 0,
        failed=owned.failed if owned is not None else 0,
    )
