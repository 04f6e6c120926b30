"""Who leads: one row of WSO2's LEADER_STATUS_TABLE, won by its primary key (coordination 8.5).

The leader plans for all; it is no safety device. Its row is touched by completed planning passes only, so a leader
that hangs, or fails in every pass, is replaced like one that is gone. Two leaders waste work and harm nothing.
"""

from enum import Enum, auto

from micro_integrator.cluster import group_statements as sql
from micro_integrator.cluster.identity import Identity
from micro_integrator.cluster.snapshot import LeaderRow, Snapshot
from micro_integrator.database import DataSource, LostRace
from micro_integrator.observability import get_logger

log = get_logger("RDBMSCoordinationStrategy")
check_log = get_logger("RDBMSCommunicationBusContextImpl")


class Candidacy(Enum):
    """What an ACTIVE node does about the leader row it sees."""

    LEAD = auto()
    FOLLOW = auto()
    STAND = auto()
    """There is no leader: insert my row."""
    REPLACE = auto()
    """The leader is no ACTIVE member, or finishes no pass: delete exactly its row and insert mine."""


class Leadership:
    """This node's part in the election; `look` is told of every snapshot of an ACTIVE node."""

    def __init__(self, identity: Identity, source: DataSource) -> None:
        self.is_leader = False
        self._identity, self._source = identity, source
        self._seen: LeaderRow | None = None
        self._since = float("-inf")

    def judge(self, snapshot: Snapshot) -> Candidacy:
        """Say what to do about the leader row; the wait for a silent leader counts on my own clock."""
        row = snapshot.leader
        if row != self._seen:
            self._seen, self._since = row, snapshot.answered_at
        if row is None:
            return Candidacy.STAND
        if snapshot.active_boot(row.node_id) is None:
            return Candidacy.REPLACE
        if row.node_id == self._identity.node_id:
            return Candidacy.LEAD
        is_silent = snapshot.answered_at - self._since > self._identity.window
        return Candidacy.REPLACE if is_silent else Candidacy.FOLLOW

    async def look(self, snapshot: Snapshot) -> None:
        """Follow, or stand for election. Raises DatabaseError."""
        verdict = self.judge(snapshot)
        if verdict in {Candidacy.LEAD, Candidacy.FOLLOW}:
            self._become(verdict is Candidacy.LEAD)
            return
        node, group = self._identity.node_id, self._identity.group_id
        if (row := snapshot.leader) is None:
            check_log.info(
                "No valid coordinator present in database for group {group} when checked by nodeId: {node}",
                group=group,
                node=node,
            )
        else:
            check_log.info(
                "Coordinator is invalid, because there is no heartbeat for {silent} millis when checked by nodeId: "
                "{node}. The heartbeat should have happened in {window}",
                silent=max(0, snapshot.now_ms - row.heartbeat),
                node=node,
                window=round(self._identity.window * 1000),
            )
            await self._source.changed(sql.DELETE_LEADER, group=group, leader=row.node_id, seen=row.heartbeat)
        await self._stand()

    async def _stand(self) -> None:
        node, group = self._identity.node_id, self._identity.group_id
        try:
            await self._source.changed(sql.INSERT_LEADER, group=group, node=node)
        except LostRace:  # somebody else was first
            self._become(False)
            return
        log.info(
            "Elected current node (nodeID: {node}) as the coordinator for the group {group}",
            node=node,
            group=group,
        )
        self._become(True)

    async def confirm(self) -> None:
        """A planning pass is complete: say so in the leader row. Raises DatabaseError."""
        node, group = self._identity.node_id, self._identity.group_id
        if self.is_leader and not await self._source.changed(sql.CONFIRM_LEADER, group=group, node=node):
            log.info(
                "Found current node (nodeId: {node}) being removed from coordinator for the group {group}",
                node=node,
                group=group,
            )
            self._become(False)

    async def resign(self) -> None:
        """Leave the row to others. Raises DatabaseError."""
        await self._source.changed(sql.RESIGN, group=self._identity.group_id, node=self._identity.node_id)
        self._become(False)

    def step_down(self) -> None:
        """Without a lease this node plans for nobody; the row is replaced by others if that lasts."""
        self._become(False)

    def _become(self, leads: bool) -> None:
        if leads is self.is_leader:
            return
        self.is_leader = leads
        former, present = ("MEMBER", "COORDINATOR") if leads else ("COORDINATOR", "MEMBER")
        log.info("Current node state changed from: {former} to: {present}", former=former, present=present)
