"""The engine: takes messages in, runs them through the graph in force, and says how each one ended."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from micro_integrator.kit import Component
from micro_integrator.observability import get_logger
from micro_integrator.synapse import faults
from micro_integrator.synapse.errors import CALL_TIMED_OUT, LeaseLost, MediationError
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.graph import Graph
from micro_integrator.synapse.message import Body, Message
from micro_integrator.synapse.ports import ReplyChannel, Sender, Tasks
from micro_integrator.synapse.surroundings import Surroundings

log = get_logger("SynapseEngine")

DEFAULT_FAULT = "fault"
PRE_MEDIATE = "pre-mediate"


class Outcome(Enum):
    """How a message ended."""

    COMPLETED = "completed"
    FAULTED = "faulted"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Ending:
    """The outcome of a message; `error` tells why it faulted."""

    outcome: Outcome
    error: Exception | None = None


COMPLETED = Ending(Outcome.COMPLETED)
DROPPED = Ending(Outcome.DROPPED)
