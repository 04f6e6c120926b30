"""A task: scheduled work with one owner, and one fire of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

from micro_integrator.kit import MicroIntegratorError
from micro_integrator.tasks.resolvers import Resolver
from micro_integrator.tasks.triggers import Trigger

FireMode = Literal["claim", "claim_retry", "lease"]
Misfire = Literal["skip", "fire_once"]

MAX_NAME = 512
"""Characters of `<group>/<name>` that the tables hold."""


@dataclass(slots=True)
class Fire:
    """One run of a body: which occurrence, under which fence."""

    task: str
    fence: int
    key: int | None
    """The occurrence's key; None for a run by hand."""
    trigger_seq: int | None
    """The number of a run by hand; None for an occurrence. Fires of `lease` tasks have neither."""
    due_ms: int
    redelivered: bool
    allowed: Callable[[], bool]
    is_begun: bool = False
    """Whether the body's first step has run."""

    def may_act(self) -> bool:
        """L4: ask before anything irreversible; False means that this node must not go on with the body."""
        return self.allowed()

    @property
    def key_text(self) -> str:
        """The key as logs show it: its number, `t<n>` for a run by hand, or a dash."""
        if self.key is not None:
            return str(self.key)
        return "-" if self.trigger_seq is None else f"t{self.trigger_seq}"


class BodyFailed(MicroIntegratorError):
    """The work of one fire failed. `is_told` says that it has been logged already, where it happened."""

    def __init__(self, text: str, *, is_told: bool = False) -> None:
        super().__init__(text)
        self.is_told = is_told


Body = Callable[[Fire], Awaitable[None]]
"""Runs to the end of the work it starts; raises when the work failed."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How many bodies may run at a time, so that neither memory nor one slow task costs the others."""

    beside: int = 100
    """As long as so many run, no task gets a second body beside its own; its first one always runs."""
    total: int = 10_000
    """As long as so many run, nothing is claimed."""

    def permit(self, running: int, *, beside: bool) -> bool:
        """Whether one more body may begin; `beside` an earlier one of the same task or not."""
        return running < (self.beside if beside else self.total)


@dataclass(frozen=True, slots=True)
class Planning:
    """How the leader plans: who chooses owners, whether running tasks are evened out, seconds between two passes."""

    resolver: Resolver
    rebalances: bool
    period: float


@dataclass(frozen=True)
class Task:
    """What an artifact asks to be run, and when.

    definition_hash covers trigger, count, time zone and fire mode: only its change resets grid and count.
    body_hash covers the rest; count None = for ever, 0 = never.
    """

    name: str
    trigger: Trigger
    count: int | None
    body: Body
    definition_hash: str
    body_hash: str
    fire_mode: FireMode = "claim"
    misfire: Misfire | None = None
    """What happens to missed occurrences; None = the trigger's own default (coordination 8.6)."""
    sequential: bool = False
    """Whether the next occurrence waits for the body; otherwise bodies may overlap."""
    prepare: Callable[[], Awaitable[None]] | None = None
    """What the node that is given the task does before the first run; if it fails, another node gets it."""
    pinned: bool = False
    """Runs on this node without coordination, because its server name is listed in pinnedServers."""
    starts_paused: bool = False

    @property
    def waits_for_body(self) -> bool:
        """Whether nothing is claimed while a body runs."""
        return self.sequential or self.fire_mode != "claim"

    @property
    def log_name(self) -> str:
        """The name as the reference's log lines show it."""
        return f"[ESB_TASK][{self.name}]"
