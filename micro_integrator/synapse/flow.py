"""One message on its way through mediators: what runs next, how deep it is, and who handles an error."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from micro_integrator.observability import Logger, api_logger, get_logger
from micro_integrator.synapse.errors import LeaseLost, MediationError
from micro_integrator.synapse.message import Message
from micro_integrator.synapse.ports import ReplyChannel

if TYPE_CHECKING:
    from micro_integrator.synapse.engine import Engine
    from micro_integrator.synapse.graph import Graph
    from micro_integrator.synapse.mediator import Branch

log = get_logger("SequenceMediator")

MAX_DEPTH: Final = 256
"""Sequences inside sequences; more is a circle."""


@dataclass(slots=True)
class FaultHandler:
    """An entry of the fault stack: a linked list, so that nothing has to be copied or undone."""

    branch: "Branch"
    below: "FaultHandler | None"
    is_default: bool = False
    """Whether this is the last resort, the sequence `fault`."""


class Flow:
    """The way of one message; belongs to it alone."""

    __slots__ = ("_depth", "engine", "graph", "handlers", "label", "out", "reply")

    def __init__(
        self,
        engine: "Engine",
        graph: "Graph",
        *,
        label: str = "",
        reply: ReplyChannel | None = None,
    ) -> None:
        self.engine, self.graph, self.reply = engine, graph, reply
        self.label = label
        """What lines of log mediators begin with, for example `api:Orders`; empty for tasks and `main`."""
        self.handlers: FaultHandler | None = None
        self.out: Branch | str | None = None
        """What is done with the response of a `<send>` before it goes back: mediators, or the key of a sequence."""
        self._depth = 0

    @property
    def prefix(self) -> str:
        """What a line of a mediator begins with: the artifact that took the message in, in braces."""
        return f"{{{self.label}}} " if self.label else ""

    @property
    def api_log(self) -> Logger | None:
        """Where lines about the API are told once more; None for messages that did not come in through one."""
        kind, _, name = self.label.partition(":")
        return api_logger(name) if kind == "api" else None

    async def run(self, branch: "Branch", message: Message) -> bool:
        """Run mediators in order until one says False; True when all of them have run."""
        outer = self.handlers
        if branch.on_error is not None:
            self._guard_with(branch.on_error, branch)
        has_run_all = True
        for mediate, reads_body, message.position in branch.plan:
            if reads_body and message.body.is_unread:
                await message.body.buffer(message.surroundings.max_payload)
            if not await mediate(message, self):
                has_run_all = False
                break
        self.handlers = outer  # not after an error: then the stack is what handles it
        return has_run_all

    async def run_sequence(self, key: str, message: Message) -> bool:
        """Run the sequence called `key`. Raises MediationError when there is none, or when they run in a circle."""
        branch = self.branch(key)
        if branch is None:
            raise MediationError(f"Sequence named {key} cannot be found")
        if self._depth >= MAX_DEPTH:
            raise MediationError(f"Sequence {key} runs inside itself: more than {MAX_DEPTH} sequences deep")
        self._depth += 1
        try:
            return await self.run(branch, message)
        finally:
            self._depth -= 1

    def branch(self, key: str) -> "Branch | None":
        """Return the mediators of the sequence `key`, as it was when this message came in; see `Engine`."""
        return self.engine.branch(key, self.graph)

    def run_part(self, part: "Branch | str", message: Message) -> Awaitable[bool]:
        """Run mediators that an artifact holds itself, or the sequence that it names."""
        return self.run_sequence(part, message) if isinstance(part, str) else self.run(part, message)

    def guard(self, branch: "Branch", *, is_default: bool = False) -> None:
        """Put a handler on the fault stack."""
        self.handlers = FaultHandler(branch, self.handlers, is_default)

    def check_lease(self, message: Message) -> None:
        """Ask before anything irreversible. Raises LeaseLost when the task's work must not go on here."""
        fire = message.fire
        if fire is not None and not fire.may_act():
            raise LeaseLost(f"Task [{fire.task}] key {fire.key_text}: this node may not act for it any more")

    def _guard_with(self, on_error: str, branch: "Branch") -> None:
        handler = self.branch(on_error)
        if handler is not None:
            self.guard(handler)
            return
        log.warning(
            "{prefix}onError handler : {handler} for sequence : {name} cannot be found",
            prefix=self.prefix,
            handler=on_error,
            name=branch.name,
        )
