"""The two ends of a flow: where a message comes in, and how it ended."""

from dataclasses import dataclass
from typing import Literal

from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.graph import PRE_MEDIATE
from micro_integrator.synapse.mediator import Branch
from micro_integrator.synapse.message import Message


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a message comes in."""

    sequence: str
    label: str = ""
    """What its log lines begin with, for example `api:Orders`."""
    on_error: str | None = None
    """The sequence that handles faults before the default one does."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a message ended; whoever took it in decides by this about acknowledgement and retry.

    completed   its flow ended, or a fault sequence of an artifact dealt with its fault
    faulted     the fault came down to the default sequence, or to nobody
    dropped     it was not let in
    """

    state: Literal["completed", "faulted", "dropped"]
    error: Exception | None = None


COMPLETED = Outcome("completed")
DROPPED = Outcome("dropped")


async def let_in(message: Message, flow: Flow, on_error: Branch | None) -> bool:
    """Put the fault handlers of an entry in place and run `pre-mediate`; False keeps the message out."""
    graph = flow.graph
    flow.handlers = graph.last_resort
    if on_error is not None:
        flow.guard(on_error)
    return not graph.has_pre_mediate or await flow.run_sequence(PRE_MEDIATE, message)
