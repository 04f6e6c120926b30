"""The engine: takes messages in, runs them through the graph in force, and says how each one ended."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from micro_integrator.kit import Component
from micro_integrator.synapse import faults, gateway
from micro_integrator.synapse.apis.cors import Cors
from micro_integrator.synapse.entry import COMPLETED, DROPPED, Entry, Outcome, let_in
from micro_integrator.synapse.errors import CALL_TIMED_OUT, LeaseLost, MediationError
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.graph import Graph
from micro_integrator.synapse.mediator import Branch
from micro_integrator.synapse.message import Body, Headers, Message
from micro_integrator.synapse.places import Places
from micro_integrator.synapse.ports import Arrival, ReplyChannel, Sender, Tasks
from micro_integrator.synapse.shared import Shared
from micro_integrator.synapse.surroundings import Surroundings

T = TypeVar("T")


class Engine(Component):
    """Runs messages; `graph` is the deployed set that new ones enter, replaced as a whole by the deployment."""

    def __init__(
        self,
        surroundings: Surroundings,
        *,
        tasks: Tasks,
        senders: dict[str, Sender] | None = None,
        max_in_flight: int = 2000,
        fault_drop_status: int = 500,
        cors: Cors | None = None,
    ) -> None:
        super().__init__("synapse engine")
        self.surroundings, self.tasks = surroundings, tasks
        self.senders: dict[str, Sender] = {} if senders is None else senders
        """Protocol of a URL (`http`) → who sends there."""
        self.fault_drop_status = fault_drop_status
        """What a client gets when a fault has ended without an answer, and its kind says nothing better."""
        self.cors = cors or Cors()
        """Which pages of other origins may use the APIs."""
        self.graph = Graph()
        self.shared = Shared(surroundings.registry)
        """What stands in the registry, for keys that lead to nothing in the graph."""
        self._places = Places(max_in_flight)
        self._threads: ThreadPoolExecutor | None = None

    async def start(self) -> None:
        """Make the pool for blocking code of users, where none waits for another.

        A thread begins when all others are at work. Who calls limits them: the task of a class has one body at a time.
        """
        if self._threads is None:
            self._threads = ThreadPoolExecutor(sys.maxsize, thread_name_prefix="synapse")

    async def stop(self) -> None:
        """End background work; blocking code that still runs is left to end by itself."""
        await super().stop()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None

    def branch(self, key: str, graph: Graph | None = None) -> Branch | None:
        """Return the mediators of the sequence `key`: that of `graph`, else of the registry; None for neither.

        Without a graph the one that is now in force counts.
        """
        deployed = (self.graph if graph is None else graph).branch(key)
        return self.shared.branch(key) if deployed is None else deployed

    def message(self, body: Body | None = None) -> Message:
        """Return a message that sees this engine's surroundings and the artifacts now in force."""
        message = Message(body, self.surroundings)
        message.entries = self.graph
        return message

    async def inject(
        self,
        entry: Entry,
        message: Message,
        *,
        reply: ReplyChannel | None = None,
        deadline: float | None = None,
    ) -> Outcome:
        """Run `message` from `entry` to its end and return how that was.

        `deadline` is a time of the running loop's clock; what is not done by then faults. Cancellation passes through.
        The message of a fire has got its place before its claim (`tasks.Limits`); all others wait for one here.
        """
        flow = Flow(self, self.graph, label=entry.label, reply=reply)
        if message.fire is not None:
            return await _to_its_end(entry, message, flow, deadline)
        await self._places.take()
        try:
            return await _to_its_end(entry, message, flow, deadline)
        finally:
            self._places.give_back()

    def serve(self, arrival: Arrival, reply: ReplyChannel) -> Awaitable[None]:
        """Run an HTTP request to its end and see to it that it is answered; 503 at once when there is no place.

        What is returned has to be awaited. Cancellation passes through; then nobody is there to be answered.
        """
        if not self._places.take_now():
            return reply.reply(gateway.UNAVAILABLE, Headers([("Retry-After", "1")]), b"")
        return gateway.serve(self, arrival, reply, self._places)

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run blocking code of a user outside the event loop; it always finds a thread."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


async def _to_its_end(entry: Entry, message: Message, flow: Flow, deadline: float | None) -> Outcome:
    try:
        if deadline is None:
            is_let_in = await _run(entry, message, flow)
        else:
            is_let_in = await _run_until(deadline, entry, message, flow)
    except LeaseLost as error:
        return Outcome("faulted", error)
    except Exception as error:  # an error of a user's class or of ours ends this message and no other
        return await _after(error, message, flow)
    return COMPLETED if is_let_in else DROPPED


async def _run(entry: Entry, message: Message, flow: Flow) -> bool:
    on_error = None if entry.on_error is None else flow.branch(entry.on_error)
    if not await let_in(message, flow, on_error):
        return False
    await flow.run_sequence(entry.sequence, message)
    return True


async def _run_until(deadline: float, entry: Entry, message: Message, flow: Flow) -> bool:
    limit = asyncio.timeout_at(deadline)
    try:
        async with limit:
            return await _run(entry, message, flow)
    except TimeoutError as error:
        if not limit.expired():
            raise
        raise MediationError("The message was not done before its deadline", code=CALL_TIMED_OUT) from error


async def _after(error: Exception, message: Message, flow: Flow) -> Outcome:
    try:
        is_dealt_with = await faults.handle(error, message, flow)
    except LeaseLost as lost:
        return Outcome("faulted", lost)
    return COMPLETED if is_dealt_with else Outcome("faulted", faults.named(error))
