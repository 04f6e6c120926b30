"""What each member has deployed: MI_NODE_DEPLOYMENT, written by its node, read by whoever plans (coordination 8.7).

A row is one JSON text: task → definition hash, body hash, kind, starts-paused and refused flag. Readers keep what
they have parsed until the lease row announces a newer number.
"""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import asdict

from micro_integrator.cluster import group_statements as sql
from micro_integrator.cluster.group import Publications, Published
from micro_integrator.cluster.identity import Identity
from micro_integrator.cluster.lease import LeaseRow
from micro_integrator.cluster.snapshot import Snapshot
from micro_integrator.database import DataSource, LostRace
from micro_integrator.observability import get_logger

log = get_logger("ClusterCoordinator")


class PublishedTasks:
    """The publications of the group. Methods raise DatabaseError."""

    def __init__(self, identity: Identity, source: DataSource) -> None:
        self.mine: Mapping[str, Published] = {}
        """What is deployed here, be it that the group has not been told yet."""
        self._told: Mapping[str, Published] = {}
        self._identity, self._source = identity, source
        self._number = 0
        self._read: dict[str, tuple[int, Mapping[str, Published]]] = {}
        """Boot id → number and content of the newest publication read."""

    async def publish(self, boot_id: str) -> int:
        """Write `mine` as the publication of `boot_id`; returns its number, which the lease row must show."""
        self._number += 1
        mine = self.mine
        tasks = {name: asdict(task) for name, task in mine.items()}
        values: dict[str, object] = {
            "group": self._identity.group_id,
            "node": self._identity.node_id,
            "boot": boot_id,
            "deploy_seq": self._number,
            "tasks": json.dumps(tasks, separators=(",", ":")),
        }
        if await self._source.changed(sql.UPDATE_DEPLOYMENT, **values) == 0:
            with contextlib.suppress(LostRace):
                await self._source.changed(sql.INSERT_DEPLOYMENT, **values)
        self._told = mine
        return self._number

    async def read(self, snapshot: Snapshot, *, afresh: bool) -> Publications:
        """Return what the live members of `snapshot` have published, mine included.

        A publication is announced by the next renewal of its node's lease; `afresh` does not wait for that.
        """
        found = {self._identity.node_id: self._told}
        for lease in snapshot.live:
            if lease.node_id != self._identity.node_id:
                found[lease.node_id] = await self._of(lease, afresh=afresh)
        live = {lease.boot_id for lease in snapshot.live}
        self._read = {boot_id: kept for boot_id, kept in self._read.items() if boot_id in live}
        return found

    async def _of(self, lease: LeaseRow, *, afresh: bool) -> Mapping[str, Published]:
        number, tasks = self._read.get(lease.boot_id, (0, {}))
        if number >= lease.deploy_seq and not afresh:
            return tasks
        rows = await self._source.rows(sql.READ_DEPLOYMENT, group=self._identity.group_id, node=lease.node_id)
        if not rows or rows[0][0] != lease.boot_id:
            return {}
        number, tasks = int(rows[0][1]), _parsed(rows[0][2], lease.node_id)
        self._read[lease.boot_id] = number, tasks
        return tasks


def _parsed(text: str, node_id: str) -> Mapping[str, Published]:
    """A member of another release may publish more than is known here; what is missing makes it unreadable."""
    try:
        return {
            name: Published(
                task["definition"], task["body"], bool(task["paused"]), bool(task["refused"]), task["kind"]
            )
            for name, task in json.loads(text).items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        log.warning(
            "The deployments of node [{node}] cannot be read ({error}); it is given no task",
            node=node_id,
            error=repr(error),
        )
        return {}
