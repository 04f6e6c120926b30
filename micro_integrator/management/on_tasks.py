"""`task list | pause | activate | trigger | reset | move`: what operators do to tasks; every change is audited."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from micro_integrator.kit import MicroIntegratorError
from micro_integrator.management.commands import (
    Command,
    Commands,
    Reply,
    Request,
    Row,
    audited,
    local_time,
    table,
)
from micro_integrator.observability import audit

COLUMNS = ("task", "owner", "next fire", "last key", "last state", "intent", "skipped")


class TaskRow(Protocol):
    """One task as operators see it."""

    @property
    def name(self) -> str: ...
    @property
    def owner(self) -> str | None:
        """The node that fires it."""
        ...

    @property
    def next_fire_ms(self) -> int | None:
        """Wall-clock milliseconds of the next occurrence; None when there is none that this node knows."""
        ...

    @property
    def last_key(self) -> int | None: ...
    @property
    def last_state(self) -> str | None: ...
    @property
    def intent(self) -> str: ...
    @property
    def skipped(self) -> int:
        """Occurrences skipped on this node since it started."""
        ...


class Effect(Protocol):
    """What became of a change."""

    @property
    def effective(self) -> bool:
        """Whether the owner has confirmed it already."""
        ...


class TaskControl(Protocol):
    """What the tasks room offers to operators; refusals are MicroIntegratorErrors."""

    async def list(self) -> Sequence[TaskRow]:
        """Return all tasks by name."""
        ...

    async def pause(self, name: str, by: str) -> Effect:
        """Stop firing until activated."""
        ...

    async def activate(self, name: str, by: str) -> Effect:
        """Fire again."""
        ...

    async def trigger(self, name: str, by: str) -> Effect:
        """Fire once, now."""
        ...

    async def reset(self, name: str, by: str) -> Effect:
        """Forget grid and count."""
        ...

    async def move(self, name: str, node: str, by: str) -> Effect:
        """Let `node` own the task."""
        ...


Change = Callable[..., Awaitable[Effect]]
"""Takes the arguments of its command, and who gave it."""


def task_commands(tasks: TaskControl, node: str) -> Commands:
    """Return the commands on tasks; `node` is this node's id, for the audit log."""

    async def list_tasks(_: Request) -> Reply:
        rows = [_row(task) for task in await tasks.list()]
        return Reply(table(rows, COLUMNS), rows)

    return {
        "task list": list_tasks,
        "task pause": _changing(tasks.pause, "disabled", "paused", node),
        "task activate": _changing(tasks.activate, "enabled", "activated", node),
        "task trigger": _changing(tasks.trigger, "triggered", "triggered", node),
        "task reset": _changing(tasks.reset, "updated", "reset", node),
        "task move": _changing(tasks.move, "updated", "moved to [{node}]", node, more=("node",)),
    }


def _changing(change: Change, action: str, participle: str, node: str, more: Sequence[str] = ()) -> Command:
    """Return a command that changes the task `name`; it has the arguments `more` as well."""

    async def command(request: Request) -> Reply:
        name, caller = request.argument("name"), request.caller
        others = {other: request.argument(other) for other in more}
        subject, told = {"taskName": name, **others}, audited(request, node)
        try:
            effect = await change(name, *others.values(), caller.user)
        except MicroIntegratorError as error:
            audit(caller.user, action, "task", subject, **told, error=str(error))
            raise
        audit(caller.user, action, "task", subject, **told, effective=effect.effective)
        done = participle.format(**others)
        if effect.effective:
            return Reply(f"Task [{name}] is {done}.")
        return Reply(f"Task [{name}] will be {done}: stored, but its owner has not confirmed it yet.")

    return command


def _row(task: TaskRow) -> Row:
    values = (
        task.name,
        task.owner,
        local_time(task.next_fire_ms),
        task.last_key,
        task.last_state,
        task.intent,
        task.skipped,
    )
    return dict(zip(COLUMNS, values, strict=True))
