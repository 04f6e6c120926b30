"""`cluster members | accept-rollback`: who is in the group, and the operator's word after a restored backup."""

from collections.abc import Sequence
from typing import Protocol

from micro_integrator.kit import MicroIntegratorError
from micro_integrator.management.commands import Commands, Reply, Request, Row, audited, local_time, table
from micro_integrator.observability import audit

COLUMNS = (
    "node", "status", "coordinator", "lease age ms", "wire", "evidence", "clock offset ms", "boot id", "heart-beat ms",
    "tasks", "release", "host", "started",
)  # fmt: skip


class MemberRow(Protocol):
    """One member as operators see it."""

    @property
    def node(self) -> str: ...
    @property
    def status(self) -> str: ...
    @property
    def is_coordinator(self) -> bool: ...
    @property
    def lease_age_ms(self) -> int:
        """Since its last renewal, by the database's clock."""
        ...

    @property
    def wire(self) -> str | None:
        """How the node that is asked is connected with it."""
        ...

    @property
    def evidence(self) -> str | None:
        """What speaks for its death."""
        ...

    @property
    def clock_offset_ms(self) -> int | None:
        """By how much its wall clock is ahead of the database's."""
        ...

    @property
    def boot_id(self) -> str: ...
    @property
    def heartbeat(self) -> str | None:
        """Heart-beat in milliseconds and retries."""
        ...

    @property
    def tasks(self) -> int:
        """How many it owns."""
        ...

    @property
    def release(self) -> str | None: ...
    @property
    def host(self) -> str | None: ...
    @property
    def started_ms(self) -> int:
        """When it joined, milliseconds since 1970 by the database's clock."""
        ...


class Group(Protocol):
    """What the cluster room offers to operators; refusals are MicroIntegratorErrors."""

    async def members(self) -> Sequence[MemberRow]:
        """Return every member the group knows, sorted by node id."""
        ...


class Rollback(Protocol):
    """What the tasks room offers after the database went backwards."""

    async def accept_rollback(self) -> int:
        """Take the database as it is now for the right one; returns how many tasks this node remembers."""
        ...


def cluster_commands(group: Group, tasks: Rollback, node: str) -> Commands:
    """Return the commands on the cluster; `node` is this node's id, for the audit log."""

    async def members(_: Request) -> Reply:
        rows = [_row(member) for member in await group.members()]
        return Reply(table(rows, COLUMNS), rows)

    async def accept_rollback(request: Request) -> Reply:
        by, subject, told = request.caller.user, {"command": request.title}, audited(request, node)
        try:
            count = await tasks.accept_rollback()
        except MicroIntegratorError as error:
            audit(by, "updated", "cluster", subject, **told, error=str(error))
            raise
        audit(by, "updated", "cluster", subject, **told, tasks=count)
        return Reply(
            f"Accepted: {count} task(s) that node [{node}] remembers go on after their last keys; it joins anew. "
            "Run this on every node that reports the same."
        )

    return {"cluster members": members, "cluster accept-rollback": accept_rollback}


def _row(member: MemberRow) -> Row:
    values = (
        member.node,
        member.status,
        member.is_coordinator,
        member.lease_age_ms,
        member.wire,
        member.evidence,
        member.clock_offset_ms,
        member.boot_id,
        member.heartbeat,
        member.tasks,
        member.release,
        member.host,
        local_time(member.started_ms),
    )
    return dict(zip(COLUMNS, values, strict=True))
