"""An event loop whose time jumps to the next timer as soon as nothing is left to do.

Each callback belongs to the lane of its context: `time()` is the clock of that lane's machine, timers go by it, and
a lane that stands still keeps its callbacks until it goes on. The order of callbacks is the order of their making.
"""

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any, TypeVarTuple

from model.lanes import LANE, Lane

if TYPE_CHECKING:
    from model.sockets import Sockets

Ts = TypeVarTuple("Ts")


class NothingLeftToDo(AssertionError):
    """No callback and no timer is left, and what was waited for has not come."""


class TooManySteps(AssertionError):
    """A run makes no progress in time: something loops without waiting."""


class NumberedTask(asyncio.Task[Any]):
    """A task whose place in a set depends on the order of making, not on its address: runs can be repeated."""

    _numbers = itertools.count()

    def __init__(self, *args: Any, **options: Any) -> None:
        self._number = next(NumberedTask._numbers)
        super().__init__(*args, **options)

    def __hash__(self) -> int:
        return self._number


class VirtualLoop(asyncio.BaseEventLoop):
    """`now` is true time in seconds; `before_time_passes` is called each time all work of an instant is done."""

    def __init__(self, step_limit: int) -> None:
        super().__init__()
        self.now = 0.0
        self.steps = 0
        self.failures: list[dict[str, Any]] = []
        self.before_time_passes: Callable[[], None] = lambda: None
        self.after_step: Callable[[Lane], None] = lambda lane: None
        self.message_delay: Callable[[], float] = lambda: 0.0
        """How long a message from one thread to another takes."""
        self.sockets: Sockets
        """What stands for TCP; given by the world."""
        self._step_limit = step_limit
        self._due: deque[tuple[Lane, asyncio.Handle]] = deque()
        self._timers: list[tuple[float, int, Lane, asyncio.Handle]] = []
        self._order = itertools.count()
        self.set_task_factory(lambda loop, work, context=None: NumberedTask(work, loop=loop, context=context))
        self.set_exception_handler(lambda _, failure: self.failures.append(failure))

    # what asyncio asks of a loop

    def time(self) -> float:
        """The clock of the machine whose code asks."""
        return LANE.get().clock.at(self.now)

    def call_soon(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """See asyncio."""
        context = context if context is not None else copy_context()
        handle = asyncio.Handle(callback, args, self, context)
        self._due.append((context.get(LANE) or LANE.get(), handle))
        return handle

    def call_at(
        self,
        when: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """See asyncio; `when` is read on the clock of the lane."""
        context = context if context is not None else copy_context()
        lane = context.get(LANE) or LANE.get()
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._put(lane.clock.true(when), lane, handle)
        return handle

    def call_later(
        self,
        delay: float,
        callback: Callable[[*Ts], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """See asyncio."""
        lane = (context.get(LANE) if context is not None else None) or LANE.get()
        return self.call_at(lane.clock.at(self.now) + delay, callback, *args, context=context)

    def call_soon_threadsafe(
        self, callback: Callable[[*Ts], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """A message to the lane of `context`; messages to one lane arrive in their order."""
        context = context if context is not None else copy_context()
        lane = context.get(LANE) or LANE.get()
        lane.latest_message = max(lane.latest_message, self.now + self.message_delay())
        handle = asyncio.Handle(callback, args, self, context)
        self._put(lane.latest_message, lane, handle)
        return handle

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """Threads of a pool work in no time."""
        answer = self.create_future()
        answer.set_result(func(*args))
        return answer

    async def create_connection(self, factory: Callable[[], Any], host: str, port: int) -> Any:  # type: ignore[override]
        """See asyncio."""
        return await self.sockets.connect(factory, (host, port))

    async def create_server(self, factory: Callable[[], Any], host: str, port: int) -> Any:  # type: ignore[override]
        """See asyncio; the machine of the process is known."""
        return self.sockets.listen(factory, port)

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        """A cancelled timer is passed over when its time comes."""

    def _run_once(self) -> None:
        if not self._due:
            self.before_time_passes()
            self._let_time_pass()
        for _ in range(len(self._due)):
            lane, handle = self._due.popleft()
            if lane.stands_still:
                lane.kept.append(handle)
            elif not handle.cancelled():
                self.steps += 1
                lane.steps += 1
                handle._run()
                self.after_step(lane)
        if self.steps > self._step_limit:
            raise TooManySteps(f"{self.steps} steps by {self.now:.1f} s")

    # what the world does with it

    def go_on(self, lane: Lane) -> None:
        """Let a lane that stood still run again."""
        lane.stands_still = False
        self._due.extend((lane, handle) for handle in lane.kept)
        lane.kept.clear()

    def _put(self, true_time: float, lane: Lane, handle: asyncio.Handle) -> None:
        heapq.heappush(self._timers, (true_time, next(self._order), lane, handle))

    def _let_time_pass(self) -> None:
        while self._timers and self._timers[0][3].cancelled():
            heapq.heappop(self._timers)
        if not self._timers:
            raise NothingLeftToDo(f"at {self.now:.1f} s")
        self.now = max(self.now, self._timers[0][0])
        while self._timers and self._timers[0][0] <= self.now:
            _, _, lane, handle = heapq.heappop(self._timers)
            self._due.append((lane, handle))
