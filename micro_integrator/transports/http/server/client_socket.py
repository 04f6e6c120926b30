"""The socket of a client: writing, brakes in both directions, and one timer for every limit.

The timer is set when a limit comes into sight and otherwise left alone; when it fires, it is compared with what has
happened since, and set anew. Nothing is done for it when a request comes or goes.
"""

import asyncio
from abc import ABC, abstractmethod
from typing import cast

from micro_integrator.transports.http.limits import JOINED
from micro_integrator.transports.http.outbox import Outbox
from micro_integrator.transports.http.server.addresses import host_of

TICK = 0.001
"""Seconds by which a timer may be early."""


class ClientSocket(asyncio.Protocol, ABC):
    """What a connection is made of, below the requests."""

    __slots__ = (
        "_drained", "_held", "_is_paused", "_loop", "_outbox", "_since", "_timer", "_transport", "_unsent", "is_full",
        "local", "remote",
    )  # fmt: skip

    def __init__(self, loop: asyncio.AbstractEventLoop, outbox: Outbox) -> None:
        self._loop, self._outbox = loop, outbox
        self.remote = ""
        """Address of the client."""
        self.local = ""
        """Address of this machine that it has come to."""
        self.is_full = False
        """Whether the client reads more slowly than is written: wait for `drained`."""
        self._transport: asyncio.Transport | None = None
        self._held = b""  # goes out at the end of this turn of the loop
        self._is_paused = False
        self._drained: asyncio.Future[None] | None = None
        self._since = 0.0  # when something happened last that counts against the limit now in force
        self._unsent = 0  # bytes in the buffer when somebody looked last: fewer of them now is progress
        self._timer: asyncio.TimerHandle | None = None

    # ---- what the loop calls back --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        self._transport = cast(asyncio.Transport, transport)
        self.remote = host_of(transport.get_extra_info("peername"))
        self.local = host_of(transport.get_extra_info("sockname"))
        self._since = self._loop.time()
        self._watch(self._since + self._limit())

    def pause_writing(self) -> None:
        """The client reads slowly."""
        self.is_full = True

    def resume_writing(self) -> None:
        """The client has read."""
        self.is_full, self._since = False, self._loop.time()
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone, or the connection was closed here."""
        self._transport = None
        if self._timer is not None:
            self._timer.cancel()
        if self._drained is not None:
            self._drained.cancel()

    # ---- reading -------------------------------------------------------------------------------------------------

    def pause(self) -> None:
        """Take nothing from the client for a while."""
        if not self._is_paused and self._transport is not None:
            self._is_paused = True
            self._transport.pause_reading()

    def resume(self) -> None:
        """Go on taking what the client sends."""
        if self._is_paused and self._transport is not None:
            self._is_paused, self._since = False, self._loop.time()
            self._transport.resume_reading()

    # ---- writing -------------------------------------------------------------------------------------------------

    def send(self, data: bytes, body: bytes = b"") -> None:
        """Write `data` and what follows it; goes nowhere when the client has gone."""
        transport = self._transport
        if transport is None:
            return
        self._since = self._loop.time()
        is_small = len(body) <= JOINED
        if is_small and not self._held:
            self._held = data + body
            self._outbox.add(self)
            return
        self.flush()
        if is_small:
            transport.write(data + body)
        else:
            transport.write(data)
            transport.write(body)

    def flush(self) -> None:
        """Write what has been held back for the end of this turn."""
        held, self._held = self._held, b""
        if held and self._transport is not None:
            self._transport.write(held)

    def drained(self) -> asyncio.Future[None]:
        """Return what is done when the client has read enough for more to be written."""
        self._drained = drained = self._loop.create_future()
        if self._transport is not None:
            self._unsent = self._transport.get_write_buffer_size()
        return drained

    def close(self) -> None:
        """Close when everything written has gone out."""
        if self._transport is not None:
            self.flush()
            self._watch(self._since + self._limit())
            self._transport.close()

    def cut(self) -> None:
        """Close at once, whatever the client has not taken yet."""
        if self._transport is not None:
            self.flush()
            self._transport.abort()

    # ---- limits --------------------------------------------------------------------------------------------------

    @abstractmethod
    def _limit(self) -> float:
        """Return how many seconds may pass, as things are, in which nothing happens."""

    @abstractmethod
    def _run_out_of_time(self) -> None:
        """Do what has to be done after that long."""

    def _watch(self, moment: float) -> None:
        """See to it that somebody looks at the time at `moment` at the latest."""
        timer = self._timer
        if timer is None or moment < timer.when():
            if timer is not None:
                timer.cancel()
            self._timer = self._loop.call_at(moment, self._look_at_the_time)

    def _look_at_the_time(self) -> None:
        self._timer, transport = None, self._transport
        if transport is None:
            return
        now, unsent = self._loop.time(), transport.get_write_buffer_size()
        if unsent < self._unsent:
            self._since = now  # the client takes what is sent, however slowly
        self._unsent = unsent
        deadline = self._since + self._limit()
        if now + TICK < deadline:
            self._watch(deadline)
        elif transport.is_closing():
            self.cut()
        else:
            self._run_out_of_time()
