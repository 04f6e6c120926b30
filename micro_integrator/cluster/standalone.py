"""A node without a coordination database: the same face as a member's, and nobody else to agree with.

There is no lease: the process is alone. Its rows are kept in one file, by `fence_file`.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from micro_integrator.cluster.fence_file import BOOT_ID, FenceFile
from micro_integrator.cluster.fences import CoordinationError
from micro_integrator.cluster.group import Node, Publications, Published
from micro_integrator.cluster.member_events import MemberEvents
from micro_integrator.cluster.roster import MemberLine
from micro_integrator.kit import Component, wall_ms

NO_GROUP = "This node is alone: it has no coordination database, so there is no group to ask about"


class Standalone(Component):
    """The face of `Member` for a node that is alone."""

    is_clustered = False
    is_joined = True
    is_leader = True
    has_rolled_back = False
    revoked_tokens = None
    boot_id = BOOT_ID
    window = 15.0
    heart_beat = 5.0
    lease_age = 0.0

    def __init__(self, node_id: str, path: Path) -> None:
        super().__init__("standalone")
        self.node_id = node_id
        self.fences = FenceFile(path)
        self._events = MemberEvents()
        self._deployed = False
        self._published: Mapping[str, Published] = {}

    @property
    def nodes(self) -> Sequence[Node]:
        """The one there is; its rows carry a name that no other node can have."""
        return (Node(BOOT_ID, BOOT_ID, 0, is_active=True),)

    async def start(self) -> None:
        """Read what earlier lives have left."""
        self.fences.load()

    def listen(self, events: MemberEvents) -> None:
        """Name who is told that tasks may be owned."""
        self._events = events

    def now_ms(self) -> int:
        """This host's wall clock: there is no other."""
        return wall_ms()

    def may_act(self, boot_id: str) -> bool:
        """Nobody else could."""
        return boot_id == BOOT_ID

    def node_of(self, boot_id: str) -> str | None:
        """Every life of this node had the same boot id."""
        return self.node_id

    async def publications(self, *, afresh: bool = False) -> Publications:
        """What is deployed here."""
        return {BOOT_ID: self._published}

    async def publish(self, tasks: Mapping[str, Published]) -> None:
        """There is nobody to tell; what is deployed again is not deleted."""
        fresh, self._published = tasks.keys() - self._published.keys(), dict(tasks)
        await self.fences.published(fresh)

    async def look(self) -> None:
        """There is nothing to see."""

    async def confirm_leadership(self) -> None:
        """There is nobody to tell."""

    async def purge_departed(self) -> None:
        """Nobody has departed."""

    async def members(self) -> Sequence[MemberLine]:
        """There are none. Raises CoordinationError."""
        raise CoordinationError(NO_GROUP)

    def went_backwards(self) -> None:
        """There is no database that could."""

    def accept_rollback(self) -> None:
        """There is none."""

    def deployed(self) -> None:
        """The first deployment pass is finished: tasks may be owned."""
        if not self._deployed:
            self._deployed = True
            self._events.joined()

    async def raise_signal(self) -> None:
        """There is nobody to wake but myself."""
        self._events.changed()

    def start_draining(self) -> None:
        """There is nobody to tell."""

    async def leave(self, limit: float) -> bool:
        """There is nothing to leave."""
        return True
