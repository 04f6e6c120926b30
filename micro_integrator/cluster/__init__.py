"""Who is alive, and who may act on what.

The room offers a `Member` of a group (with a coordination database) or `Standalone` (without), both with the face
`Cluster`; the lease that says when this node must stop; the `FenceTable` through which tasks are owned and their
occurrences claimed. It knows nothing of triggers, bodies or artifacts.

How a node may act, in one picture; the arrows are statements that met one row, or moments on its own clock:

    no lease ── L1 acquire ──▶ JOINING ── first deployment pass ──▶ ACTIVE ── leave ──▶ DRAINING ──▶ LEFT
       ▲                          │ L2 renew: deadline := sent + 0.9 L      │
       │                          ▼                                         ▼
       └─ lease lost ── fenced ◀── the deadline passes (L4) ── renewed (L5): rows read again, then un-fenced

Safety does not rest on the flag "fenced" but on `may_act`, which compares the deadline with the clock before every
body, and on the fence in the condition of every write. Start reading with `lease`, the rules as arithmetic.
"""

from typing import Protocol

from micro_integrator.cluster.fences import Claim, CoordinationError, FenceRow, FenceTable, Finish, Release
from micro_integrator.cluster.identity import Identity, ProcessMark
from micro_integrator.cluster.member import Listener, Member
from micro_integrator.cluster.standalone import Standalone
from micro_integrator.config import COORDINATION, ConfigurationError, Settings
from micro_integrator.database import DataSource
from micro_integrator.observability import counter

STATEMENTS = counter("mi_cluster_statements_total", "Statements sent to the coordination database")

SQLITE_WINDOW = 3.0
"""Seconds of lease below which a busy SQLite file would cost it."""


class Cluster(Protocol):
    """What tasks need to know of the group they are in."""

    node_id: str
    is_clustered: bool
    window: float

    @property
    def boot_id(self) -> str:
        """The boot id under which tasks are owned; empty before the join."""
        ...

    @property
    def is_joined(self) -> bool:
        """Whether this node may act at present."""
        ...

    @property
    def fences(self) -> FenceTable:
        """The rows of the tasks."""
        ...

    def listen(self, listener: Listener) -> None:
        """Name who owns tasks."""
        ...

    def now_ms(self) -> int:
        """Cluster time in milliseconds."""
        ...

    def may_act(self, boot_id: str) -> bool:
        """Whether what began under `boot_id` may go on at this instant."""
        ...

    async def publish(self, definitions: dict[str, dict[str, object]]) -> None:
        """Tell the group which tasks this node has."""
        ...

    def deployed(self) -> None:
        """The first deployment pass is finished."""
        ...

    async def raise_signal(self) -> None:
        """Wake the other nodes."""
        ...

    def start_draining(self) -> None:
        """Take nothing new."""
        ...

    async def leave(self, limit: float) -> bool:
        """Say goodbye to the group within `limit` seconds."""
        ...


def join(settings: Settings) -> Member | Standalone:
    """Return this node's place: in a group if the coordination database is configured, else alone.

    Raises ConfigurationError for a datasource that can never work.
    """
    node = settings.cluster_config
    if (source := settings.datasources.get(COORDINATION)) is None:
        return Standalone(node.node_id, settings.home.registry / "local" / "tasks.json")
    identity = Identity(
        node_id=node.node_id,
        group_id=node.group_id,
        mark=ProcessMark.of_this_process(settings.properties),
        heart_beat=node.heart_beat_interval,
        retries=node.heart_beat_max_retry,
    )
    database = DataSource.configured(source, on_statement=STATEMENTS.inc)
    if database.dialect.name == "sqlite" and identity.window < SQLITE_WINDOW:
        message = (
            f"SQLite needs heart_beat_interval x heart_beat_max_retry of at least {SQLITE_WINDOW:g} s, "
            f"not {identity.window:g} s: a process in its commit holds up all others"
        )
        raise ConfigurationError(source.place.file, source.place.line, message)
    creates = node.create_tables if node.create_tables is not None else database.dialect.name == "sqlite"
    return Member(identity, database, create_tables=creates)


__all__ = [
    "Claim",
    "Cluster",
    "CoordinationError",
    "FenceRow",
    "FenceTable",
    "Finish",
    "Identity",
    "Listener",
    "Member",
    "ProcessMark",
    "Release",
    "Standalone",
    "join",
]
