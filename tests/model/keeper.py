"""The lease keeper of a process on a lane beside its main loop, and the wire that it serves."""

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from typing import Any

from model.lanes import LANE

from micro_integrator.cluster.lease import Verdict
from micro_integrator.cluster.lease_thread import LeaseThread
from micro_integrator.cluster.wire import Tell, Wire, WireEvents, WireSettings
from micro_integrator.cluster.wire.listener import Listener


def raise_what_it_raised(task: asyncio.Task[None]) -> None:
    """A thread or a process that falls is a failure of the run."""
    if not task.cancelled():
        task.result()


class ModelLeaseThread(LeaseThread):
    """Lives on the second lane of its process, instead of in a thread with a loop of its own."""

    learned: Callable[[Verdict], None] = staticmethod(lambda verdict: None)
    """Called when the lease turns out to be lost."""

    def start(self) -> None:
        """Begin to live."""
        main = LANE.get()
        assert main.lease is not None
        loop = asyncio.get_running_loop()
        self._main = self._loop = loop
        self._main_context, self._lease_context = main.context(), main.lease.context()
        life = loop.create_task(
            self._live_to_the_end(), context=self._lease_context.copy(), name=f"{main.name} lease"
        )
        life.add_done_callback(raise_what_it_raised)

    def lose(self, verdict: Verdict) -> None:
        """See LeaseThread."""
        super().lose(verdict)
        self.learned(verdict)

    async def _live_to_the_end(self) -> None:
        try:
            await self._live()
        finally:
            await self.wire.stop()

    def _call(self, action: Any) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(action, context=self._lease_context.copy())

    def _tell_main(self, call: Any, *arguments: object) -> None:
        assert self._main is not None
        self._main.call_soon_threadsafe(call, *arguments, context=self._main_context.copy())


class ModelWire(Wire):
    """The shipped wire on the lane of the keeper; evidence is overheard."""

    def __init__(self, settings: WireSettings, events: WireEvents, tell: Tell) -> None:
        def overheard(call: Callable[..., None], *arguments: Any) -> None:
            if call == events.evidence:
                self.evident(arguments[1])
            tell(call, *arguments)

        super().__init__(settings, events, overheard)
        self.evident: Callable[[str], None] = lambda boot_id: None
        """Called with each boot id of whose death there is evidence."""

    @property
    def boot_id(self) -> str:
        """The name under which this process takes part in the wire."""
        return self._standing.boot_id

    async def start(self) -> None:
        """See Wire."""
        self._lane, self._context = LANE.get(), copy_context()
        await super().start()

    def _here(self, action: Callable[..., None], *arguments: object) -> None:
        if self._loop is None:
            return
        if LANE.get() is self._lane:
            action(*arguments)
        else:
            self._loop.call_soon_threadsafe(action, *arguments, context=self._context.copy())


class ModelListener(Listener):
    """Listens on the simulated machine of its process."""

    async def start(self, host: str | None, port: int) -> None:
        """See Listener."""
        self._server = await asyncio.start_server(self._accepted, host, port)
        self.port = self._server.sockets[0].getsockname()[1]
