"""Who may be evicted, and who is no member of ours at all: rules without I/O (coordination 8.2, 8.4 L3).

A judge counts on its own clock, from the answer that first showed a renewal. No clock of the database, and none of
the judged node, takes part.
"""

from collections.abc import Iterable, Mapping

from micro_integrator.cluster.lease import LeaseRow, Sighting
from micro_integrator.cluster.snapshot import Snapshot


class Judge:
    """Remembers since when each live member has shown the same renewal."""

    def __init__(self) -> None:
        self._sightings: dict[str, Sighting] = {}
        self._rows: dict[str, LeaseRow] = {}

    def note(self, snapshot: Snapshot, own_node: str) -> None:
        """Take in a look at the group; nobody judges itself."""
        self._rows = {row.node_id: row for row in snapshot.live if row.node_id != own_node}
        for node_id in self._sightings.keys() - self._rows.keys():
            del self._sightings[node_id]
        for node_id, row in self._rows.items():
            self._sightings.setdefault(node_id, Sighting()).note(row, snapshot.answered_at)

    def hear(self, node_id: str, boot_id: str, renew_seq: int, at: float) -> None:
        """Take in what a member has said over the wire about its renewals."""
        if (sighting := self._sightings.get(node_id)) is not None:
            sighting.hear(boot_id, renew_seq, at)

    def expired(self, now: float) -> list[LeaseRow]:
        """Return the rows that may be evicted at `now`, by the lease length that each member has chosen."""
        return [row for row in self._rows.values() if now >= self._expiry(row)]

    @property
    def next_expiry(self) -> float:
        """The first moment from which somebody may be evicted; infinite while nobody else is live."""
        return min(map(self._expiry, self._rows.values()), default=float("inf"))

    def silence(self, row: LeaseRow, now: float) -> float:
        """Seconds since the answer that first showed the newest renewal of `row`."""
        return now - self._sightings[row.node_id].since

    def _expiry(self, row: LeaseRow) -> float:
        return self._sightings[row.node_id].expires_at(row)


class Foreigners:
    """Finds members that hold no leases: Java nodes in the same group.

    Their heart-beat changes between two looks although no lease row has their id; whatever their clock shows.
    """

    def __init__(self, window: float) -> None:
        self._window = window
        self._heartbeats: Mapping[str, int] | None = None
        self._changed_at = float("-inf")
        self.names: frozenset[str] = frozenset()

    def note(self, snapshot: Snapshot) -> None:
        """Take in a look at the group."""
        former, self._heartbeats = self._heartbeats, snapshot.heartbeats
        if former is None:
            return
        ours = {row.node_id for row in snapshot.leases}
        moved = frozenset(_moved(former, snapshot.heartbeats, ours))
        if moved:
            self._changed_at, self.names = snapshot.answered_at, moved

    def are_present(self, now: float) -> bool:
        """Whether coordinating would mean two masters: true until they have been silent for the window."""
        return now - self._changed_at < self._window


def _moved(former: Mapping[str, int], present: Mapping[str, int], ours: Iterable[str]) -> Iterable[str]:
    return (
        node_id
        for node_id, heartbeat in present.items()
        if node_id not in ours and node_id in former and former[node_id] != heartbeat
    )
