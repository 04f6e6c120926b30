"""The way between the nodes and the database, and what an adversary does to statements on it.

The shipped DataSource and Connection run unchanged; below them stands a link in place of SQLAlchemy's. A statement
on its way does not depend on its client any more: it may be executed after the client has given up, or twice.
"""

import asyncio
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from model.lanes import LANE, WORLD
from model.simulated_database import Answer, SimulatedDatabase
from model.virtual_loop import VirtualLoop

from micro_integrator.config import DataSourceSettings
from micro_integrator.database import DataSource
from micro_integrator.database.dialects.dialect import Limits


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one statement; times in seconds of true time."""

    kind: str = "prompt"
    request: float = 0.001
    """Until it is executed."""
    answer: float = 0.001
    """From there until the client has the answer."""
    is_executed: bool = True
    is_answered: bool = True
    again: float | None = None
    """A second copy is executed so long after the first."""
    reset: float | None = None
    """The client sees its connection reset after this time."""


PROMPT = Fate()


@dataclass(frozen=True, slots=True)
class Post:
    """What becomes of one hint over the wire."""

    kind: str = PROMPT.kind
    arrivals: Sequence[float] = ()
    """Seconds of true time after which each copy of it arrives."""


class Adversary(Protocol):
    """Decides about every statement, every connection with the database, and every hint between nodes."""

    def statement(self, process: str, text: str, parameters: Sequence[Any]) -> Fate:
        """What becomes of this statement of `process`."""
        ...

    def connection(self, process: str) -> Fate:
        """What becomes of an attempt to connect; `is_executed` False = refused."""
        ...

    def hint(self, chance: Random) -> Post:
        """What becomes of a hint on a connection of the wire, whose chance it is."""
        ...


@dataclass(slots=True)
class _Swallowed:
    text: str
    parameters: Sequence[Any]


class Network:
    """All links of all processes."""

    def __init__(self, loop: VirtualLoop, database: SimulatedDatabase, adversary: Adversary) -> None:
        self.database, self.adversary = database, adversary
        self.faults: Counter[str] = Counter()
        self.statements = 0
        self.answered: Callable[[str, Answer], None] = lambda process, answer: None
        """Called with each answer that reaches its process."""
        self.sent: Callable[[str, str], None] = lambda process, text: None
        """Called with each statement that a process sends."""
        self._loop = loop
        self._black_holes: dict[str, list[_Swallowed]] = {}
        self._links: dict[str, dict[Link, None]] = defaultdict(dict)
        self._knocking: dict[str, list[asyncio.Future[None]]] = defaultdict(list)
        self._context = copy_context()
        self._context.run(LANE.set, WORLD)

    # what the world does to it

    def black_hole(self, process: str) -> None:
        """Swallow whatever `process` sends and would receive; its connections stay."""
        self._black_holes.setdefault(process, [])

    def heal(self, process: str, is_delivered: Callable[[], bool]) -> None:
        """End a black hole; each swallowed statement for which `is_delivered` says so is executed now."""
        for swallowed in self._black_holes.pop(process, ()):
            if is_delivered():
                self._execute(swallowed.text, swallowed.parameters)
        for opened in self._knocking.pop(process, ()):  # a system goes on knocking
            self.after(PROMPT.answer, self._accept, opened, PROMPT)

    def reset(self, process: str) -> None:
        """Reset all connections of `process`."""
        for link in list(self._links[process]):
            link.break_off()

    def count(self, kind: str) -> None:
        """Remember a fault, wherever it strikes."""
        if kind != PROMPT.kind:
            self.faults[kind] += 1

    # what links ask

    def after(self, seconds: float, action: Callable[..., object], *arguments: object) -> None:
        """Let the world act `seconds` from now."""
        self._loop.call_at(self._loop.now + seconds, action, *arguments, context=self._context)

    async def connect(self, process: str) -> "Link":
        """Open a link, or hang, or be refused."""
        fate = self.adversary.connection(process)
        self.count(fate.kind)
        opened: asyncio.Future[None] = self._loop.create_future()
        if process in self._black_holes:
            self._knocking[process].append(opened)
        elif fate.is_answered:
            self.after(fate.request + fate.answer, self._accept, opened, fate)
        await opened
        link = Link(self, process)
        self._links[process][link] = None
        return link

    def send(self, link: "Link", text: str, parameters: Sequence[Any]) -> asyncio.Future[Answer]:
        """Put a statement on its way."""
        self.statements += 1
        self.sent(link.process, text)
        answer: asyncio.Future[Answer] = self._loop.create_future()
        if (swallowed := self._black_holes.get(link.process)) is not None:
            swallowed.append(_Swallowed(text, parameters))
            return answer
        fate = self.adversary.statement(link.process, text, parameters)
        self.count(fate.kind)
        if fate.is_executed:
            self.after(fate.request, self._arrive, link, answer, fate, text, parameters)
        if fate.reset is not None:
            self.after(fate.reset, link.break_off)
        return answer

    def forget(self, link: "Link") -> None:
        """A link is closed."""
        self._links[link.process].pop(link, None)

    def _accept(self, opened: asyncio.Future[None], fate: Fate) -> None:
        if opened.done():
            return
        if fate.is_executed:
            opened.set_result(None)
        else:
            opened.set_exception(ConnectionRefusedError("refused"))

    def _arrive(
        self, link: "Link", waiting: asyncio.Future[Answer], fate: Fate, text: str, parameters: Sequence[Any]
    ) -> None:
        answer = self._execute(text, parameters)
        if fate.is_answered:
            self.after(fate.answer, self._deliver, link, waiting, answer)
        if fate.again is not None:
            self.after(fate.again, self._execute, text, parameters)

    def _execute(self, text: str, parameters: Sequence[Any]) -> Answer | sqlite3.Error:
        try:
            return self.database.execute(text, parameters)
        except sqlite3.Error as error:
            return error

    def _deliver(self, link: "Link", waiting: asyncio.Future[Answer], answer: Answer | sqlite3.Error) -> None:
        if waiting.done() or link.process in self._black_holes:
            return
        if isinstance(answer, Answer):
            self.answered(link.process, answer)
            waiting.set_result(answer)
        else:
            waiting.set_exception(answer)


class Link:
    """A connection as the shipped Connection uses it: SQLAlchemy's, its synchronous half, and the driver's in one."""

    def __init__(self, network: Network, process: str) -> None:
        self.process = process
        self.is_broken = False
        self.release: Callable[[Link], None] | None = None
        """Given to links of a pool: called once, when the link is given back or lost."""
        self._network = network
        self._waiting: asyncio.Future[Answer] | None = None

    @property
    def sync_connection(self) -> "Link":
        """Itself."""
        return self

    @property
    def connection(self) -> "Link":
        """Itself."""
        return self

    @property
    def driver_connection(self) -> "Link":
        """Itself."""
        return self

    async def exec_driver_sql(self, text: str, parameters: Sequence[Any]) -> Answer:
        """Send a statement and wait for its answer."""
        if self.is_broken:
            raise ConnectionResetError("the connection is broken")
        self._waiting = self._network.send(self, text, parameters)
        try:
            return await self._waiting
        finally:
            self._waiting = None

    def cut(self) -> None:
        """The client lets go, as `abort` does; what is under way stays under way."""
        self.break_off(ConnectionAbortedError("cut"))

    def break_off(self, reason: OSError | None = None) -> None:
        """The connection is lost."""
        self.is_broken = True
        self._network.forget(self)
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(reason or ConnectionResetError("reset by peer"))

    def invalidate(self) -> None:
        """It is not to be used again."""
        self._give_back()

    async def close(self) -> None:
        """Give it back to its pool, or end it."""
        if self.release is None:
            self._network.forget(self)
        self._give_back()

    def _give_back(self) -> None:
        release, self.release = self.release, None
        if release is not None:
            release(self)


class Engine:
    """Opens links; with `size` it keeps at most so many and hands them out again."""

    def __init__(self, network: Network, process: str, size: int | None) -> None:
        self._network, self._process = network, process
        self._places = asyncio.Semaphore(size) if size is not None else None
        self._idle: list[Link] = []

    async def connect(self) -> Link:
        """A link, waited for if all are in use."""
        if self._places is None:
            return await self._network.connect(self._process)
        await self._places.acquire()
        try:
            link = self._idle.pop() if self._idle else await self._network.connect(self._process)
        except BaseException:
            self._places.release()
            raise
        link.release = self._take_back
        return link

    async def dispose(self) -> None:
        """Forget the idle links."""
        self._idle.clear()

    def _take_back(self, link: Link) -> None:
        assert self._places is not None
        if not link.is_broken:
            self._idle.append(link)
        self._places.release()


class SimulatedSource(DataSource):
    """The shipped data source, whose engines lead to the model's network; the user name tells whose it is."""

    def __init__(self, network: Network, settings: DataSourceSettings, **options: Any) -> None:
        super().__init__(settings, **options)
        self.dialect = network.database.dialect
        self._network, self._process = network, settings.username

    def _make_engine(self, limits: Limits, **pool: Any) -> Any:
        return Engine(self._network, self._process, pool.get("pool_size"))
