"""A TCP proxy that hurts: it stands before a database, or before anything else that listens.

One proxy per node, so that one node can be cut off from what the others still reach. Its connections run in a
thread of their own; the methods are for the test's thread and return when the fault is in force.

Limits: both ends are on this machine, so their kernels see every byte acknowledged. What TCP itself would notice
(keep-alives, a handshake without answer) stays unnoticed; a black hole is one of the traffic.
"""

import asyncio
import contextlib
import re
import socket
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Self, TypeVar

from servers.ports import free_port
from servers.server import Database

from harness.holds import Hold
from harness.links import Disturbance, Link, connected
from harness.looks import AsItComes, Frames, Looks, Stream
from harness.loop_thread import LoopThread
from harness.sql_requests import READERS, AnyBytes, Requests

_BACKLOG = 128
_ASK_AGAIN = 0.05
"""Seconds between two looks for a process that refuses."""
_PLACE = re.compile(r"//(?P<host>[^:/]+):(?P<port>\d+)/")
_Answer = TypeVar("_Answer")


class Proxy(LoopThread):
    """Listens on a free port of the loopback interface for what is meant for `host`:`port`.

    `requests` makes what finds requests in the bytes of one client; only the holds need it. `is_wire`: it stands before
    the liveness socket of a node. Then it knows LOOKs, and refuses for as long as the node itself would.
    """

    def __init__(
        self,
        port: int,
        host: str = "127.0.0.1",
        requests: Callable[[], Requests] = AnyBytes,
        *,
        is_wire: bool = False,
    ) -> None:
        self.port = free_port()
        super().__init__(f"proxy {self.port}")
        self.faults: Counter[str] = Counter()
        """Faults injected, by kind."""
        self.counts: Counter[str] = Counter()
        """What has happened: connections, bytes in each direction and swallowed, replies and requests held."""
        self._upstream, self._requests = (host, port), requests
        self._disturbance = Disturbance()
        self._is_wire, self._looks = is_wire, Looks(self.counts)
        self._is_refusing = False
        self._asking: asyncio.Task[None] | None = None
        """Looks for a server that refuses; until it answers, this proxy refuses too."""
        self._listener: socket.socket | None = None
        self._links: dict[asyncio.Task[None], Link] = {}

    @classmethod
    def before(cls, database: Database) -> Self:
        """Return a proxy before the server of `database`, able to hold its statements."""
        place = _PLACE.search(database.url)
        assert place, f"{database.url} names no server"
        return cls(int(place["port"]), place["host"], READERS[database.kind])

    def rerouted(self, database: Database) -> Database:
        """Return `database` as it is reached through this proxy."""
        return replace(database, url=_PLACE.sub(f"//127.0.0.1:{self.port}/", database.url, count=1))

    # faults

    def delay(self, seconds: float) -> None:
        """From now on each piece takes `seconds` longer, in each direction; 0 ends it."""
        self._disturb("delay", lambda: setattr(self._disturbance, "delay", seconds))

    def black_hole(self) -> None:
        """Swallow all bytes and goodbyes; connections stay, new ones are accepted and hear nothing.

        A connection that has lost bytes stays silent after `heal` too, until one of its ends closes it.
        """
        self._disturb("black hole", self._swallow)

    def stall(self) -> None:
        """Keep all bytes and deliver them after `heal`, as TCP does after a short outage."""
        self._disturb("stall", self._disturbance.moving.clear)

    def reset(self) -> int:
        """Reset all connections, both ends; return how many there were."""
        return self._disturb("reset", self._reset)

    def refuse(self) -> None:
        """Refuse new connections; those that stand go on."""
        self._disturb("refuse", self._refuse)

    def hold_reply(self, *texts: bytes, every: bool = False) -> Hold:
        """Let the next request that contains all `texts` be executed, and keep its answer from the client.

        `texts` may occur in the statement or its values. `every`: each such request until the release.
        What else the client sends on the same connection gets no answer either.
        """
        return self._hold("held reply", texts, of_reply=True, every=every)

    def hold_request(self, *texts: bytes, every: bool = False) -> Hold:
        """Deliver the next request that contains all `texts` late: when it is released.

        PostgreSQL gives up a statement that it has prepared and that does not run within `statement_timeout`. So
        there a statement arrives later than its client waits only if the session has run the same one before.
        """
        return self._hold("held request", texts, of_reply=False, every=every)

    def heal(self) -> None:
        """End all faults but those of LOOKs; holds are released."""
        self._in_loop(self._clear)

    def disturb_looks(self, fates: Sequence[str]) -> None:
        """From now on each LOOK meets one of `fates` of `looks.FATES`, by chance; with none, all pass."""
        self._disturb("LOOKs", lambda: setattr(self._looks, "fates", tuple(fates)))

    # what is seen

    def ports(self) -> set[int]:
        """Return the ports from which the server sees the clients of this proxy."""
        return self._in_loop(lambda: {link.port for link in self._links.values() if link.port is not None})

    def connections(self) -> int:
        """Return the number of connections that clients have, dark ones included."""
        return self._in_loop(lambda: len(self._links))

    # in the thread of the loop

    def _in_loop(self, work: Callable[[], _Answer]) -> _Answer:
        async def answer() -> _Answer:
            return work()

        return self._run(answer())

    def _disturb(self, kind: str, work: Callable[[], _Answer]) -> _Answer:
        self.faults[kind] += 1
        return self._in_loop(work)

    def _hold(self, kind: str, texts: tuple[bytes, ...], *, of_reply: bool, every: bool) -> Hold:
        assert texts, "without a text every request would be meant"
        hold = Hold(self._loop, texts, of_reply=of_reply, every=every)
        self._disturb(kind, lambda: self._disturbance.holds.append(hold))
        return hold

    def _swallow(self) -> None:
        self._disturbance.swallows = True
        self._disturbance.clear.clear()

    def _clear(self) -> None:
        self._disturbance.delay, self._disturbance.swallows = 0.0, False
        self._disturbance.clear.set()
        self._disturbance.moving.set()
        for hold in self._disturbance.holds:
            hold.release()
        self._disturbance.holds.clear()
        self._is_refusing = False
        self._review_listener()

    def _reset(self) -> int:
        for task in self._links:
            task.cancel()
        self.counts["reset"] += len(self._links)
        return len(self._links)

    def _refuse(self) -> None:
        self._is_refusing = True
        self._review_listener()

    def _review_listener(self) -> None:
        """Listen unless this proxy refuses, for itself or for its server."""
        refuses = self._is_refusing or self._asking is not None
        if refuses:
            self._stop_listening()
        elif self._listener is None:
            self._listen()

    def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=_BACKLOG)
        self._listener.setblocking(False)
        self._loop.add_reader(self._listener, self._accept, self._listener)

    def _stop_listening(self) -> None:
        if self._listener is not None:
            self._loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        try:
            client, _ = listener.accept()
        except (BlockingIOError, ConnectionError):  # it has gone again
            return
        client.setblocking(False)
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        link = Link(client, self._requests(), self._disturbance, self.counts, self._stream)
        task = self._loop.create_task(link.run(*self._upstream))
        self._links[task] = link
        self.counts["connections"] += 1
        task.add_done_callback(partial(self._link_ended, client))

    def _stream(self) -> Stream:
        return Frames(self._looks) if self._is_wire else AsItComes()

    def _link_ended(self, client: socket.socket, task: asyncio.Task[None]) -> None:
        client.close()  # a link that is cancelled before its first step closes nothing
        if self._links.pop(task).was_refused and self._is_wire and self._asking is None:
            self._asking = self._loop.create_task(self._ask())
            self._review_listener()

    async def _ask(self) -> None:
        """Wait until the server lets somebody in; it is left without a word."""
        is_there = False
        while not is_there:
            await asyncio.sleep(_ASK_AGAIN)
            with contextlib.suppress(OSError):
                (await connected(*self._upstream)).close()
                is_there = True
        self._asking = None
        self._review_listener()

    async def _begin(self) -> None:
        self._clear()

    async def _end(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
        self._stop_listening()
        for task in self._links:
            task.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)
