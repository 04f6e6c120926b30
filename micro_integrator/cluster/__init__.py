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

from collections.abc import Mapping, Sequence
from typing import Protocol

from micro_integrator.cluster.fences import (
    Assignment,
    Claim,
    CoordinationError,
    FenceRow,
    FenceTable,
    Finish,
    Insertion,
    Memory,
    Release,
)
from micro_integrator.cluster.group import Node, Publications, Published
from micro_integrator.cluster.identity import Identity, ProcessMark
from micro_integrator.cluster.member import Member
from micro_integrator.cluster.member_events import MemberEvents
from micro_integrator.cluster.revoked_tokens import RevokedTokens
from micro_integrator.cluster.roster import MemberLine
from micro_integrator.cluster.standalone import Standalone
from micro_integrator.cluster.wire import NONE, Endpoint, WireSettings
from micro_integrator.config import COORDINATION, ConfigurationError, Settings
from micro_integrator.database import DataSource
from micro_integrator.observability import counter

STATEMENTS = counter("mi_cluster_statements_total", "Statements sent to the coordination database")

SHORTEST_STATEMENT_LIMIT = 2.0
"""Seconds that a statement of the pool may take at least: a pass may read thousands of rows."""
SQLITE_WINDOW = 3.0
"""Seconds of lease below which a busy SQLite file would cost it."""


class Cluster(Protocol):
    """What tasks need to know of the group they are in."""

    node_id: str
    is_clustered: bool
    window: float
    """Seconds of silence after which a node has lost its tasks (W)."""
    heart_beat: float
    """Seconds between two looks at the group (HB)."""

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

    def listen(self, events: MemberEvents) -> None:
        """Name who owns tasks."""
        ...

    def now_ms(self) -> int:
        """Cluster time in milliseconds."""
        ...

    @property
    def is_leader(self) -> bool:
        """Whether this node plans for the group."""
        ...

    @property
    def nodes(self) -> Sequence[Node]:
        """The live members, as of the newest look at the group."""
        ...

    def node_of(self, boot_id: str) -> str | None:
        """The node that has lived under `boot_id`, if that is known."""
        ...

    def may_act(self, boot_id: str) -> bool:
        """Whether what began under `boot_id` may go on at this instant."""
        ...

    async def publish(self, tasks: Mapping[str, Published]) -> None:
        """Tell the group which tasks this node has. Raises DatabaseError, as all that follow."""
        ...

    async def publications(self, *, afresh: bool = False) -> Publications:
        """What the live members have deployed, as of the newest look; `afresh`: nothing is older than this call."""
        ...

    async def look(self) -> None:
        """Look at the group now."""
        ...

    async def confirm_leadership(self) -> None:
        """A planning pass is complete."""
        ...

    async def purge_departed(self) -> None:
        """Delete what departed members have left behind."""
        ...

    def went_backwards(self) -> None:
        """A row shows an older state than it had: coordinate nothing until the operator has decided."""
        ...

    @property
    def has_rolled_back(self) -> bool:
        """Whether the database went backwards, and the operator has not decided yet."""
        ...

    def accept_rollback(self) -> None:
        """The operator has decided, and the rows were raised to what is remembered: join anew."""
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
    database = DataSource.configured(
        source,
        statement_timeout=max(SHORTEST_STATEMENT_LIMIT, identity.window / 4),
        on_statement=STATEMENTS.inc,
    )
    if database.dialect.name == "sqlite" and identity.window < SQLITE_WINDOW:
        message = (
            f"SQLite needs heart_beat_interval x heart_beat_max_retry of at least {SQLITE_WINDOW:g} s, "
            f"not {identity.window:g} s: a process in its commit holds up all others"
        )
        raise ConfigurationError(source.place.file, source.place.line, message)
    creates = node.create_tables if node.create_tables is not None else database.dialect.name == "sqlite"
    if node.endpoint not in (None, NONE):
        _check_endpoint(settings)
    wire = WireSettings(
        identity.group_id,
        identity.node_id,
        identity.window,
        port=settings.ports.wire,
        endpoint=node.endpoint,
        is_sqlite=database.dialect.name == "sqlite",
    )
    return Member(identity, database, create_tables=creates, wire=wire, fast_takeover=node.fast_takeover)


def _check_endpoint(settings: Settings) -> None:
    try:
        Endpoint.parse(settings.cluster_config.endpoint or "", settings.ports.wire)
    except ValueError as error:
        place = settings.places["cluster_config.endpoint"]
        raise ConfigurationError(place.file, place.line, f"[cluster_config] endpoint: {error}") from error


__all__ = [
    "Assignment",
    "Claim",
    "Cluster",
    "CoordinationError",
    "FenceRow",
    "FenceTable",
    "Finish",
    "Identity",
    "Insertion",
    "Member",
    "MemberEvents",
    "MemberLine",
    "Memory",
    "Node",
    "ProcessMark",
    "Publications",
    "Published",
    "Release",
    "RevokedTokens",
    "Standalone",
    "join",
]
