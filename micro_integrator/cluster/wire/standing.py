"""Who this node is to the others at present, and whom it knows: shared by all connections of the wire."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from micro_integrator.cluster.wire.handshake import Introduction, WireKey
from micro_integrator.cluster.wire.links import Life


@dataclass(frozen=True, slots=True)
class Neighbour:
    """Another live member, as a snapshot shows it."""

    node_id: str
    boot_id: str
    endpoint: str | None
    """`host:port`; None when it cannot be reached."""
    renew_seq: int

    @property
    def life(self) -> Life:
        """What a connection belongs to."""
        return self.node_id, self.boot_id


@dataclass(slots=True)
class Standing:
    """Changed by the wire only; connections read it when they need it."""

    group_id: str
    node_id: str
    boot_id: str = ""
    epoch: int = 0
    key: WireKey | None = None
    """None before the first lease: nobody can be let in, nobody can be called."""
    renew_seq: int = 0
    """RENEW_SEQ of my last confirmed renewal."""
    is_leaving: bool = False
    neighbours: Mapping[str, Neighbour] = field(default_factory=dict)
    _own_boots: set[str] = field(default_factory=set)

    @property
    def introduction(self) -> Introduction:
        """What this node says about itself."""
        return Introduction(self.group_id, self.node_id, self.boot_id, self.epoch)

    def rename(self, boot_id: str, epoch: int) -> None:
        """Take the name under which a lease was won."""
        self.boot_id, self.epoch = boot_id, epoch
        self._own_boots.add(boot_id)

    def meet(self, neighbours: Iterable[Neighbour]) -> None:
        """Know the live members of the newest snapshot."""
        self.neighbours = {neighbour.node_id: neighbour for neighbour in neighbours}

    def strangers_to(self, node_id: str) -> frozenset[str]:
        """Return the boot ids that cannot be a successor of `node_id`: mine, and those of other members."""
        others = {one.boot_id for one in self.neighbours.values() if one.node_id != node_id}
        return frozenset(self._own_boots | others)
