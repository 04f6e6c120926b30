"""One connection to a back end: a socket on which exchanges follow each other, never two at a time.

exchange ──▶ head awaited ──▶ body on its way ──▶ idle, in the pool
                  └── head and body in one read ──┘
"""

import asyncio
import select
from collections.abc import Sequence
from typing import Protocol, TypeAlias, cast

from micro_integrator.transports.http.body_reader import BodyReader, Endless
from micro_integrator.transports.http.chunks import NotChunked
from micro_integrator.transports.http.client.answer_head import (
    BODILESS,
    AnswerHead,
    NotHttp,
    Unusable,
    reader_for,
)
from micro_integrator.transports.http.client.answer_stream import AnswerStream
from micro_integrator.transports.http.client.guarded import is_guarded
from micro_integrator.transports.http.client.head_reader import AnswerHeadReader
from micro_integrator.transports.http.client.stopwatch import Stopwatch
from micro_integrator.transports.http.client.target import Route
from micro_integrator.transports.http.failure import Code, HttpError, Stage, broken, closed
from micro_integrator.transports.http.incoming import Incoming

Answer: TypeAlias = tuple[AnswerHead, bytes | AnswerStream]
"""A head, and the body: whole, or still on its way."""


class Owner(Protocol):
    """Who keeps connections between exchanges."""

    def give_back(self, connection: "Connection") -> None:
        """The exchange is over; `is_reusable` tells whether another may follow."""
        ...

    def forget(self, connection: "Connection") -> None:
        """The socket is closed."""
        ...


class Connection(asyncio.Protocol):
    """Writes a request and resolves a future with the answer; whatever goes wrong closes the socket."""

    __slots__ = (
        "_heads", "_incoming", "_is_bodiless", "_is_last", "_is_paused", "_is_sending", "_is_uploading", "_keeps_alive",
        "_loop", "_owner", "_readable", "_reader", "_room", "_transport", "_unsent", "_waiter", "_watch", "exchanges",
        "expires_at", "idle_limit", "is_reusable", "leads_to_guarded", "opened_at", "route",
    )  # fmt: skip

    def __init__(self, route: Route, *, silence: float, loop: asyncio.AbstractEventLoop) -> None:
        """`silence`: seconds without a byte in either direction that end an exchange."""
        self.route = route
        self.exchanges = 0
        """How many requests were meant to be written here."""
        self.opened_at = loop.time()
        self.expires_at = 0.0
        """When the connection is not taken out of the pool any more; the pool's affair."""
        self.idle_limit: float | None = None
        """Seconds after which the back end closes it when it is idle, as its last answer said."""
        self.is_reusable = True
        """Whether another request may follow: the back end says so, and not a byte too many has come."""
        self.leads_to_guarded = False
        """Whether the other end is an address that messages may not choose."""
        self._loop, self._watch = loop, Stopwatch(loop, silence, self._look_at_the_time)
        self._owner: Owner | None = None
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[Answer] | None = None
        self._heads = AnswerHeadReader()
        self._reader: BodyReader | None = None
        self._incoming: Incoming | None = None
        self._room: asyncio.Future[None] | None = None
        self._is_bodiless = self._is_last = self._keeps_alive = False
        self._is_paused = self._is_sending = self._is_uploading = False
        self._unsent = 0
        self._readable = select.poll()

    # ---- exchanges -----------------------------------------------------------------------------------------------

    def exchange(
        self, parts: Sequence[bytes], deadline: float, *, is_bodiless: bool, is_last: bool, is_whole: bool
    ) -> asyncio.Future[Answer]:
        """Write a request; the future holds the answer, or HttpError after which the connection is closed.

        `deadline` is the time of the running loop's clock by which a head must be here. `is_bodiless`: the answer will
        have no body. `is_last`: nothing follows on this connection. `is_whole`: `parts` are the whole request; else
        `write` is called, then `end_upload`. Whoever does not wait to the end calls `give_up`.
        """
        self._waiter = waiter = self._loop.create_future()
        self.exchanges += 1
        transport = self._transport
        if transport is None:
            text = f"{self.route} had closed the connection"
            self._fail(broken(text, Code.CLOSED, Stage.REQUEST_READY))
            return waiter
        if self._heads.has_begun:
            self._loop.call_soon(self._take_early)
        self._is_bodiless, self._is_last, self._is_uploading = is_bodiless, is_last, not is_whole
        self._watch.begin(deadline)
        if len(parts) == 1:
            transport.write(parts[0])
        else:
            transport.writelines(parts)
        if self._is_sending:
            self._unsent = transport.get_write_buffer_size()
        return waiter

    def give_up(self, waiter: asyncio.Future[Answer]) -> None:
        """Close at once if `waiter` still belongs to the exchange in progress: its answer will not be awaited."""
        if self._waiter is waiter:
            self.abort()

    def belong_to(self, owner: Owner) -> None:
        """Tell `owner` from now on how exchanges end; at once, if the socket is closed already."""
        self._owner = owner
        if self._transport is None:
            owner.forget(self)

    def is_open(self) -> bool:
        """Return whether an exchange can begin: the back end has not closed, nor said anything since the last one."""
        # asks the socket itself: the end of file may have arrived without the loop having told us yet
        transport = self._transport
        return transport is not None and not transport.is_closing() and not self._readable.poll(0)

    def abort(self) -> None:
        """Close at once; an answer that is still awaited will not come."""
        self._clear()
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Close in an orderly way: nothing is awaited here."""
        if self._is_sending or self._is_uploading:
            self.abort()  # whoever has answered without listening may never take the rest
        elif self._transport is not None:
            self._transport.close()

    # ---- the body of a request that is sent piece by piece ---------------------------------------------------------

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

    def break_off(self, waiter: asyncio.Future[Answer], error: Exception) -> None:
        """End the exchange of `waiter` with `error`: the rest of its request will not come."""
        if self._waiter is waiter:
            self.abort()
            if not waiter.done():
                waiter.set_exception(error)

    # ---- the body of an answer that is read piece by piece ---------------------------------------------------------

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

    def data_received(self, data: bytes) -> None:
        """Take bytes of the answer; without a request in progress they end the connection."""
        try:
            if self._waiter is not None:
                self._take_head(self._waiter, data)
            elif self._reader is not None and self._incoming is not None:
                self._take_body(self._reader, self._incoming, data)
            elif self.exchanges:
                self.abort()
            else:
                self._heads.keep(data)  # a hasty back end: it answers whatever the first request will be
        except (NotHttp, NotChunked) as error:
            text = f"{self.route} does not answer in HTTP: {error}"
            stage = Stage.RESPONSE_HEAD if isinstance(error, NotHttp) else Stage.RESPONSE_BODY
            self._fail(broken(text, Code.NOT_HTTP, stage))
        except Unusable as error:
            text = f"the answer of {self.route} is refused: {error}"
            self._fail(broken(text, Code.UNUSABLE_ANSWER, Stage.RESPONSE_HEAD))

    def pause_writing(self) -> None:
        """A part of the request waits to be sent."""
        self._is_sending = True

    def resume_writing(self) -> None:
        """Everything written so far is sent."""
        self._is_sending = False
        self._watch.heard()
        self._make_room()

    def eof_received(self) -> bool:
        """Nothing will follow: close our half too."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed, by whomever."""
        self._transport = None
        if isinstance(self._reader, Endless) and self._incoming is not None and exc is None:
            self._incoming.end()
        elif self._waiter is not None or self._incoming is not None:
            self._fail(closed(str(self.route), self._stage(), is_reset=exc is not None))
        self._clear()
        self._watch.stop()
        if self._owner is not None:
            self._owner.forget(self)

    # ---- an answer -----------------------------------------------------------------------------------------------

    def _take_head(self, waiter: asyncio.Future[Answer], data: bytes) -> None:
        found = self._heads.read(data)
        if found is None:
            self._watch.heard()
            return
        head, data, begin = found
        self._keeps_alive, self.idle_limit = head.keeps_alive, head.idle_limit
        length = 0 if self._is_bodiless or head.status in BODILESS else head.length
        if length is not None and len(data) - begin >= length:
            self._answer(waiter, (head, data[begin : begin + length]), len(data) - begin > length)
        else:
            self._begin_body(waiter, head, length, data[begin:])

    def _take_early(self) -> None:
        if self._waiter is not None:
            self.data_received(self._heads.take_kept())

    def _begin_body(
        self, waiter: asyncio.Future[Answer], head: AnswerHead, length: int | None, data: bytes
    ) -> None:
        reader = reader_for(head, length)
        pieces = reader.read(data)
        if reader.is_complete:
            self._answer(waiter, (head, b"".join(pieces)), bool(reader.surplus))
            return
        incoming = Incoming(self, self._loop)
        stream = AnswerStream(incoming, length)
        self._waiter, self._reader, self._incoming = None, reader, incoming
        self._watch.heard()
        for piece in pieces:
            incoming.put(piece)
        if waiter.done():
            stream.abandon()  # cancelled in this very moment
        else:
            waiter.set_result((head, stream))

    def _take_body(self, reader: BodyReader, incoming: Incoming, data: bytes) -> None:
        self._watch.heard()
        for piece in reader.read(data):
            incoming.put(piece)
        if reader.is_complete:
            incoming.end()
            self._finish(bool(reader.surplus))

    def _answer(self, waiter: asyncio.Future[Answer], answer: Answer, has_surplus: bool) -> None:
        if waiter.done():
            self.abort()
            return
        waiter.set_result(answer)
        self._finish(has_surplus)

    def _finish(self, has_surplus: bool) -> None:
        self._waiter = self._reader = self._incoming = None
        # sending or uploading: answered before it had heard everything, and the rest is not worth sending
        is_spent = self._is_last or has_surplus or self._is_sending or self._is_uploading
        self.is_reusable = self._keeps_alive and not is_spent
        if self._owner is not None:
            self._owner.give_back(self)

    # ---- how an exchange fails -----------------------------------------------------------------------------------

    def _fail(self, error: HttpError) -> None:
        waiter, incoming = self._waiter, self._incoming
        self.abort()
        if waiter is not None and not waiter.done():
            waiter.set_exception(error)
        if incoming is not None:
            incoming.fail(error)

    def _clear(self) -> None:
        self._waiter = self._reader = self._incoming = None
        if self._heads.has_begun:
            self._heads.take_kept()
        if self._room is not None:
            self._make_room()

    def _make_room(self) -> None:
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    def _stage(self) -> Stage:
        if self._incoming is not None:
            return Stage.RESPONSE_BODY
        if self._heads.has_begun:
            return Stage.RESPONSE_HEAD
        return Stage.REQUEST_BODY if self._is_sending or self._is_uploading else Stage.REQUEST_DONE

    # ---- time ----------------------------------------------------------------------------------------------------

    def _look_at_the_time(self, now: float) -> None:
        if self._waiter is None and self._incoming is None:
            return
        watch = self._watch
        if self._is_excused():
            watch.heard_at = now
        if self._waiter is not None and now >= watch.deadline:
            self._fail(HttpError("Send timeout", Code.TIMED_OUT, self._stage()))
        elif now >= watch.heard_at + watch.silence:
            text = f"{self.route} was silent for {watch.silence:g} s"
            self._fail(broken(text, Code.TIMED_OUT, self._stage()))
        else:
            limit = watch.heard_at + watch.silence
            watch.set(limit if self._waiter is None else min(watch.deadline, limit))

    def _is_excused(self) -> bool:
        """Return whether it is not the back end that nothing has come from lately."""
        if self._is_paused:
            return True
        if self._is_sending and self._transport is not None:
            before, self._unsent = self._unsent, self._transport.get_write_buffer_size()
            return self._unsent < before
        return self._is_uploading  # all of it is sent, and the next piece has not come yet
