"""The lease rules as arithmetic: no clock, no loop, no database (coordination 8.4, L1-L5).

A lease is the right to act until `deadline`, a moment on this machine's own boot-time clock. It is won by a
statement that the database answered with one row, and counts from *before* that statement was sent. A judge waits
longer than any honest clock can make the owner believe: an owner has stopped before anybody may take over.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto

RHO = 0.1
"""The most by which the clock of a living machine runs fast or slow."""

LIVE = frozenset({"JOINING", "ACTIVE", "DRAINING"})
"""STATUS values of a member that renews its lease."""


def grace(length: float) -> float:
    """G: seconds that a judge waits beyond a lease of `length` seconds."""
    return max(1.0, length * RHO)


def deadline_of(sent_at: float, length: float) -> float:
    """The moment at which a lease renewed by a statement sent at `sent_at` ends for its owner (L2)."""
    return sent_at + length * (1 - RHO)


@dataclass(frozen=True, slots=True)
class LeaseRow:
    """One row of MI_NODE_LEASE as it was read."""

    node_id: str
    boot_id: str
    epoch: int
    lease_ms: int
    renew_seq: int
    renewed_at: int
    status: str
    started_at: int
    info: str | None
    deploy_seq: int = 0
    """Number of its newest publication."""
    endpoint: str | None = None
    """Where its liveness socket can be reached."""

    @property
    def length(self) -> float:
        """Seconds of the lease its owner has chosen."""
        return self.lease_ms / 1000

    @property
    def tuple_seen(self) -> tuple[str, int, int, str]:
        """What a compare-and-set on this row is conditioned on."""
        return (self.boot_id, self.epoch, self.renew_seq, self.status)


@dataclass(slots=True)
class Sighting:
    """How long the same renewal of one node has been known, on the judge's own clock."""

    seen: tuple[str, int, int] | None = None
    since: float = 0.0

    def note(self, row: LeaseRow, answered_at: float) -> None:
        """Remember `row`, shown by an answer that arrived at `answered_at`; a changed row starts the wait anew."""
        renewal = (row.boot_id, row.epoch, row.renew_seq)
        if renewal != self.seen:
            self.seen, self.since = renewal, answered_at

    def hear(self, boot_id: str, renew_seq: int, at: float) -> None:
        """Take the word of the owner itself, heard at `at`, that it has renewed since."""
        if self.seen is not None and self.seen[0] == boot_id and renew_seq > self.seen[2]:
            self.seen, self.since = (boot_id, self.seen[1], renew_seq), at

    def expires_at(self, row: LeaseRow) -> float:
        """The moment on the judge's clock from which the row may be taken for expired (L3 a)."""
        return self.since + row.length + grace(row.length)


class Takeable(Enum):
    """Whether the row of my own node id may become mine (L1)."""

    VACANT = auto()
    EXPIRED = auto()
    PROVEN_DEAD = auto()
    FORMER_SELF = auto()
    HELD = auto()


def may_take(
    row: LeaseRow,
    sighting: Sighting,
    now: float,
    former_boots: frozenset[str],
    proven_dead: Callable[[LeaseRow], bool],
) -> Takeable:
    """Judge the lease row that stands under my own node id; anything but HELD permits the compare-and-set."""
    if row.status not in LIVE:
        return Takeable.VACANT
    if row.boot_id in former_boots:
        return Takeable.FORMER_SELF
    if proven_dead(row):
        return Takeable.PROVEN_DEAD
    return Takeable.EXPIRED if now >= sighting.expires_at(row) else Takeable.HELD


class Verdict(Enum):
    """What a renewal that met no row means (L2)."""

    OVERTAKEN = auto()
    """A later attempt of this very process came first; nothing is lost."""
    TWIN = auto()
    """Another process renews with this boot id: a cloned machine. It keeps the lease."""
    WENT_BACKWARDS = auto()
    """The database shows an older state than it has confirmed: a restored backup, a lost transaction."""
    LOST = auto()
    """Somebody evicted this node, or its row has been taken."""
    EVICTED_ALIVE = auto()
    """Somebody evicted this node before its deadline: false evidence of its death."""


@dataclass(slots=True)
class Tenure:
    """One boot id's hold on its lease row: numbers sent and confirmed, and the deadline they earned."""

    boot_id: str
    epoch: int
    length: float
    confirmed: int = 0
    sent: int = 0
    deadline: float = float("-inf")

    def next_number(self) -> int:
        """Every attempt has a number of its own: the last plus one."""
        self.sent += 1
        return self.sent

    def renewed(self, number: int, sent_at: float) -> None:
        """Attempt `number`, sent at `sent_at`, met one row. The deadline never moves back."""
        self.confirmed = max(self.confirmed, number)
        self.deadline = max(self.deadline, deadline_of(sent_at, self.length))

    def judge_miss(self, number: int, row: LeaseRow | None, now: float) -> Verdict:
        """Attempt `number` met no row and `row` stands there at `now`."""
        if row is None or row.epoch < self.epoch:
            return Verdict.WENT_BACKWARDS
        if row.boot_id == self.boot_id and row.status == "EVICTED" and now < self.deadline:
            return Verdict.EVICTED_ALIVE
        if row.boot_id != self.boot_id or row.epoch != self.epoch or row.status not in LIVE:
            return Verdict.LOST
        if row.renew_seq < self.confirmed:
            return Verdict.WENT_BACKWARDS
        if row.renew_seq == number or row.renew_seq > self.sent:
            return Verdict.TWIN
        return Verdict.OVERTAKEN
