"""When the end of a connection proves that a process has died: rules without I/O (coordination 8.8).

A connection that ends is a suspicion, never a proof. The watcher connects again, to the very address at which it has
itself completed a handshake with this boot id, and judges by the answers:

    suspected ──▶ WELCOMED by this boot id ─────────────▶ alive
       │  ▲  └──▶ REPLACED, at the proven address ──────▶ dead
       │  └────── REFUSED there once, or anything else    (asked again)
       └────────▶ REFUSED there again, >= 50 ms later ──▶ dead
    after W: the lease alone decides

A frozen process is never dead: its kernel accepts the connection and says nothing. An answer of another kind between
two refusals takes back the first: something listened.
"""

from dataclasses import dataclass, field
from enum import Enum

from micro_integrator.cluster.wire.answers import Address, Answer

APART = 0.05
"""Seconds that must lie between two refusals; after the first one it is asked again as soon as that allows."""
QUICK = (0.05, 0.1, 0.2, 0.4)
"""Seconds to wait after each of the first answers."""
SLOW = 1.0
"""Seconds to wait after each later one."""


class Verdict(Enum):
    """What the answers so far amount to."""

    ALIVE = "ALIVE"
    REFUSED = "REFUSED"
    """Evidence: nobody listens where this process listened for as long as it lived."""
    REPLACED = "REPLACED"
    """Evidence: another process has its node id and its address."""
    OPEN = "OPEN"
    """Ask again."""
    UNKNOWN = "UNKNOWN"
    """No evidence within W: the lease alone decides."""

    @property
    def is_evidence(self) -> bool:
        """Whether the process is dead."""
        return self in {Verdict.REFUSED, Verdict.REPLACED}


@dataclass(slots=True)
class Suspicion:
    """One member under suspicion, from the first question on; times are seconds on one boot-time clock."""

    proven_at: Address | None
    """Where I myself have completed a handshake with this boot id."""
    began_at: float
    window: float
    """W: how long it is asked."""
    next_at: float = field(init=False)
    """When to ask next."""
    is_slow: bool = False
    """Whether the quick questions have brought no certainty."""
    _answers: int = 0
    _refused_at: float | None = None

    def __post_init__(self) -> None:
        self.next_at = self.began_at

    def note(self, answer: Answer, address: Address | None, now: float) -> Verdict:
        """Take in an answer that came from `address` at `now`; without one, the member was not even asked."""
        pause = QUICK[self._answers] if self._answers < len(QUICK) else SLOW
        self._answers += 1
        self.next_at = now + pause
        self.is_slow = self._answers > len(QUICK) or now - self.began_at >= SLOW
        if answer is Answer.WELCOMED:
            return Verdict.ALIVE
        is_proven = address is not None and address == self.proven_at
        if answer is Answer.REPLACED and is_proven:
            return Verdict.REPLACED
        if answer is Answer.REFUSED and is_proven:
            if self._refused_at is None:
                self._refused_at = now
                self.next_at = min(self.next_at, now + APART)
            elif now - self._refused_at >= APART:
                return Verdict.REFUSED
        else:
            self._refused_at = None
        return Verdict.OPEN if now - self.began_at < self.window else Verdict.UNKNOWN
