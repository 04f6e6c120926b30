"""The socket of a back end: writing, brakes in both directions, and the watch over its silence.

Above it, `connection` knows what a request and an answer are.
"""

import asyncio
import os
import select
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import cast

from micro_integrator.transports.http.client.guarded import is_guarded
from micro_integrator.transports.http.client.stopwatch import Stopwatch
from micro_integrator.transports.http.client.target import Route
from micro_integrator.transports.http.outbox import Outbox

_PIECE = 65536


class BackEndSocket(asyncio.Protocol, ABC):
    """What a connection is made of, below the exchanges."""

    __slots__ = (
        "_held", "_is_paused", "_is_plain", "_is_sending", "_is_uploading", "_loop", "_outbox", "_readable", "_room",
        "_transport", "_unsent", "_watch", "leads_to_guarded", "opened_at", "route",
    )  # fmt: skip

    def __init__(
        self, route: Route, *, silence: float, loop: asyncio.AbstractEventLoop, outbox: Outbox
    ) -> None:
        """`silence`: seconds without a byte in either direction that end an exchange."""
        self.route = route
        self.opened_at = loop.time()
        self.leads_to_guarded = False
        """Whether the other end is an address that messages may not choose."""
        self._loop, self._outbox = loop, outbox
        self._watch = Stopwatch(loop, silence, self._look_at_the_time)
        self._transport: asyncio.Transport | None = None
        self._held = b""
        """A request that goes out at the end of this turn of the loop."""
        self._room: asyncio.Future[None] | None = None
        self._is_paused = self._is_sending = self._is_uploading = False
        self._unsent = 0
        self._readable = select.poll()
        self._is_plain = route.scheme == "http"
        """Whether news in the socket are news for us; with TLS they may be the protocol's own."""

    @abstractmethod
    def _look_at_the_time(self, now: float) -> None:
        """End what has lasted too long."""

    # ---- what the loop calls back --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(1, 0)  # so that we hear when everything is sent
        peer = transport.get_extra_info("peername")
        hosts = [str(peer[0])] if isinstance(peer, tuple) else []
        if self.route.proxy is not None:
            hosts.append(self.route.host)
        self.leads_to_guarded = any(map(is_guarded, hosts))
        self._readable.register(transport.get_extra_info("socket").fileno(), select.POLLIN | select.POLLRDHUP)

    def pause_writing(self) -> None:
        """A part of the request waits to be sent."""
        self._is_sending = True

    def resume_writing(self) -> None:
        """Everything written so far is sent."""
        self._is_sending = False
        self._watch.heard()
        self._make_room()

    # ---- writing -------------------------------------------------------------------------------------------------

    def is_open(self) -> bool:
        """Return whether an exchange can begin, as far as is known before it is asked for the last time: `has_news`."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return False
        return self._is_plain or not self.has_news()

    def has_news(self) -> bool:
        """Return whether the back end has closed the connection, or said something, that the loop has not told yet."""
        return bool(self._readable.poll(0))

    def flush(self) -> None:
        """Write a request that has been held back for the end of this turn."""
        transport = self._transport
        # one that closes would swallow it, and nobody could tell any more that nothing was sent
        if self._held and transport is not None and not transport.is_closing():
            held, self._held = self._held, b""
            transport.write(held)
            self._note_unsent(transport)

    def _note_unsent(self, transport: asyncio.Transport) -> None:
        if self._is_sending:
            self._unsent = transport.get_write_buffer_size()

    def write(self, *parts: bytes) -> asyncio.Future[None] | None:
        """Write a part of the body; return what to wait for before the next one, None when there is room."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return None
        transport.writelines(parts)
        self._watch.heard()
        if not self._is_sending:
            return None
        self._unsent = transport.get_write_buffer_size()
        self._room = self._loop.create_future()
        return self._room

    def end_upload(self) -> None:
        """The body is written to its last byte."""
        self._is_uploading = False
        self._watch.heard()

    # ---- reading -------------------------------------------------------------------------------------------------

    def pause_reading(self) -> None:
        """Take nothing in for a while; the back end's silence does not count meanwhile."""
        self._is_paused = True
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on."""
        self._is_paused = False
        self._watch.heard()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def hear_last_words(self) -> None:
        """Take what the back end has said before it hung up, and the loop has not told.

        A write that fails ends a connection unread; TLS that ends without a goodbye forgets what came while it paused.
        """
        with suppress(OSError):  # also that of TLS which says that there is no more
            while data := self._read_on():
                self.data_received(data)

    def _read_on(self) -> bytes:
        if self._transport is None:
            return b""
        if not self._is_plain:
            return bytes(self._transport.get_extra_info("ssl_object").read(_PIECE))
        number = self._transport.get_extra_info("socket").fileno()
        return os.read(number, _PIECE) if self.has_news() else b""

    def _make_room(self) -> None:
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    def _is_excused(self) -> bool:
        """Return whether it is not the back end that nothing has come from lately."""
        if self._is_paused:
            return True
        if self._is_sending and self._transport is not None:
            before, self._unsent = self._unsent, self._transport.get_write_buffer_size()
            return self._unsent < before
        return self._is_uploading  # all of it is sent, and the next piece has not come yet
