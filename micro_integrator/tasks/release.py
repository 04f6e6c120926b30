"""Giving tasks up: a write that is sent again until the row was met or has moved on (coordination 8.7)."""

from collections.abc import Iterable

from micro_integrator.cluster import Cluster, Node, Release
from micro_integrator.database import DatabaseError
from micro_integrator.kit import SystemClock, backoff
from micro_integrator.observability import get_logger, written
from micro_integrator.tasks.owned import Owned

log = get_logger("TaskFence")


def release_of(owned: Owned, heir: Node | None = None) -> Release:
    """Return what the table is told when an idle task is given up: what is known of its last occurrence."""
    has_ended = owned.last_state in {"DONE", "FAILED"} and owned.former_claim is None
    known = owned.last_state if has_ended else None
    return Release(owned.task.name, owned.row.fence, owned.started_key, known, heir)


async def release(cluster: Cluster, releases: Iterable[Release]) -> set[str]:
    """Give up tasks that are stopped and idle, until every row is decided or the lease has ended.

    Returns the tasks that were not decided: they must not run here under this boot id before they are.
    An unanswered release is never settled by a read that shows me as owner: a late copy of it may still come.
    """
    boot_id, left = cluster.boot_id, list(releases)
    if left:
        await written()  # whoever has the tasks next names no key that was named here
    delays = backoff(0.1, 1.0)
    while left and cluster.may_act(boot_id):
        try:
            met = await cluster.fences.release(left)
            left = [one for one in left if one.task not in met and await _is_mine(cluster, one, boot_id)]
        except DatabaseError as error:
            log.debug("Release of {count} task(s) undecided: {error}", count=len(left), error=error)
        if left:
            await SystemClock().sleep(next(delays))
    return {one.task for one in left}


async def _is_mine(cluster: Cluster, one: Release, boot_id: str) -> bool:
    row = await cluster.fences.read_one(one.task)
    return row is not None and row.fence == one.fence and row.owner_boot == boot_id
