"""One connection to a back end: a socket on which exchanges follow each other, never two at a time.

exchange ──▶ head awaited ──▶ body on its way ──▶ idle, in the pool
                  └── head and body in one read ──┘
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol, TypeAlias

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
from micro_integrator.transports.http.client.back_end_socket import BackEndSocket
from micro_integrator.transports.http.client.head_reader import AnswerHeadReader
from micro_integrator.transports.http.client.target import Route
from micro_integrator.transports.http.failure import Code, HttpError, Stage, broken, closed, expired
from micro_integrator.transports.http.incoming import Incoming
from micro_integrator.transports.http.outbox import Outbox

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


class Connection(BackEndSocket):
    """Writes a request and resolves a future with the answer; whatever goes wrong closes the socket."""

    __slots__ = (
        "_heads", "_incoming", "_is_bodiless", "_is_last", "_keeps_alive", "_owner", "_reader", "_waiter", "exchanges",
        "expires_at", "idle_limit", "is_reusable",
    )  # fmt: skip

    def __init__(
        self, route: Route, *, silence: float, loop: asyncio.AbstractEventLoop, outbox: Outbox
    ) -> None:
        """See BackEndSocket."""
        super().__init__(route, silence=silence, loop=loop, outbox=outbox)
        self.exchanges = 0
        """How many requests were meant to be written here."""
        self.expires_at = 0.0
        """When the connection is not taken out of the pool any more; the pool's affair."""
        self.idle_limit: float | None = None
        """Seconds after which the back end closes it when it is idle, as its last answer said."""
        self.is_reusable = True
        """Whether another request may follow: the back end says so, and not a byte too many has come."""
        self._owner: Owner | None = None
        self._waiter: asyncio.Future[Answer] | None = None
        self._heads = AnswerHeadReader()
        self._reader: BodyReader | None = None
        self._incoming: Incoming | None = None
        self._is_bodiless = self._is_last = self._keeps_alive = False

    # ---- exchanges -----------------------------------------------------------------------------------------------

    def exchange(
        self, parts: Sequence[bytes], deadline: float, *, is_bodiless: bool, is_last: bool, is_whole: bool
    ) -> asyncio.Future[Answer]:
        """Write a request; the future holds the answer, or HttpError after which the connection is closed.

        `deadline` is the time of the running loop's clock by which a head must be here. `is_bodiless`: the answer will
        have no body. `is_last`: nothing follows on this connection. `is_whole`: `parts` are the whole request; else
        `write` is called, then `end_upload`. A whole request in one part goes out at the end of this turn of the loop,
        or with `flush`. Whoever does not wait to the end calls `give_up`.
        """
        self._waiter = waiter = self._loop.create_future()
        self.exchanges += 1
        transport = self._transport
        is_held = is_whole and len(parts) == 1 and not self._heads.has_begun
        if transport is None or transport.is_closing() or (not is_held and self._is_stale()):
            self._fail_unsent()
            return waiter
        if self._heads.has_begun:
            self._loop.call_soon(self._take_early)
        self._is_bodiless, self._is_last, self._is_uploading = is_bodiless, is_last, not is_whole
        self._watch.begin(deadline)
        if is_held:
            self._held = parts[0]
            self._outbox.add(self)
        else:
            transport.writelines(parts)
            self._note_unsent(transport)
        return waiter

    def flush(self) -> None:
        """See BackEndSocket; a request for a back end that has closed meanwhile is not written."""
        if self._held and self._is_stale():
            self._fail_unsent()
        else:
            super().flush()

    def give_up(self, waiter: asyncio.Future[Answer]) -> None:
        """Close at once if `waiter` still belongs to the exchange in progress: its answer will not be awaited."""
        if self._waiter is waiter:
            self.abort()

    def break_off(self, waiter: asyncio.Future[Answer], error: Exception) -> None:
        """End the exchange of `waiter` with `error`: the rest of its request will not come."""
        if self._waiter is waiter:
            self.abort()
            if not waiter.done():
                waiter.set_exception(error)

    def belong_to(self, owner: Owner) -> None:
        """Tell `owner` from now on how exchanges end; at once, if the socket is closed already."""
        self._owner = owner
        if self._transport is None:
            owner.forget(self)

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

    # ---- what the loop calls back --------------------------------------------------------------------------------

    def data_received(self, data: bytes) -> None:
        """Take bytes of the answer; without a request in progress they end the connection."""
        try:
            if self._held and self.exchanges > 1:  # a second answer, or a goodbye
                self._fail_unsent()
            elif self._waiter is not None:
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

    def eof_received(self) -> bool:
        """Nothing will follow: close our half too."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed, by whomever."""
        if self._waiter is not None or self._incoming is not None:
            self._is_last = True
            self.hear_last_words()
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
        # held, sending or uploading: answered before it had heard everything, and the rest is not worth sending
        is_spent = self._is_last or has_surplus or self._held or self._is_sending or self._is_uploading
        self._held = b""
        self.is_reusable = self._keeps_alive and not is_spent
        if self._owner is not None:
            self._owner.give_back(self)

    # ---- how an exchange fails -----------------------------------------------------------------------------------

    def _is_stale(self) -> bool:
        """Whether the last moment before a request leaves is too late; of TLS this was asked when it was taken."""
        return self._is_plain and self.exchanges > 1 and self.has_news()

    def _fail_unsent(self) -> None:
        """Nothing has left: the request can go out on another connection, whatever its method."""
        text = f"{self.route} had closed the connection, or spoken before it was asked"
        self._fail(broken(text, Code.CLOSED, Stage.REQUEST_READY))

    def _fail(self, error: HttpError) -> None:
        waiter, incoming = self._waiter, self._incoming
        self.abort()
        if waiter is not None and not waiter.done():
            waiter.set_exception(error)
        if incoming is not None:
            incoming.fail(error)

    def _clear(self) -> None:
        self._waiter = self._reader = self._incoming = None
        self._held = b""
        if self._heads.has_begun:
            self._heads.take_kept()
        if self._room is not None:
            self._make_room()

    def _stage(self) -> Stage:
        if self._held:
            return Stage.REQUEST_READY
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
            self._fail(expired(self._stage()))
        elif now >= watch.heard_at + watch.silence:
            text = f"{self.route} was silent for {watch.silence:g} s"
            self._fail(broken(text, Code.TIMED_OUT, self._stage()))
        else:
            limit = watch.heard_at + watch.silence
            watch.set(limit if self._waiter is None else min(watch.deadline, limit))
