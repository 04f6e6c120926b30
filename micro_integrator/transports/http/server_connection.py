"""One connection of a client: bytes in, bytes out, one request after the other.

            ┌──────────────── the next request, which may be here already ────────────────┐
    idle ──▶ head ──▶ body, as far as it is waited for ──▶ exchange ──▶ answered ──▶ idle ┘
              └ refused ──▶ lingering ◀── body not complete ──────────────┘
                                └──▶ closed

A request whose head and body have come together, or whose body is small, is handed on whole; a larger body becomes a
stream. Lingering: a client that still sends is listened to for a moment, for an answer is lost when its connection is
closed with bytes unread. A client that has closed its half has gone.

One timer looks after every limit: it is set when a limit comes into sight and otherwise left alone; when it fires it
looks at the time, and sets itself anew.
"""

import asyncio
from contextlib import suppress
from typing import cast

from micro_integrator.synapse import Arrival, Body, Headers
from micro_integrator.transports.http.access_pattern import Visit
from micro_integrator.transports.http.arriving import ArrivingBody, RequestBody
from micro_integrator.transports.http.door import Door
from micro_integrator.transports.http.exchange import Exchange
from micro_integrator.transports.http.refusal import BODY_TOO_LARGE, TIMED_OUT, Refusal
from micro_integrator.transports.http.request_head import HEAD_END, RequestHead, check_beginning
from micro_integrator.transports.http.server_terms import Terms, log

MAX_EARLY = 65536
"""Bytes of later requests that are kept while an answer is awaited."""
WAITED_FOR = 65536
"""Bytes of a body up to which the whole is awaited before its request is handed on."""
JOINED = 65536
"""Bytes of a body up to which it is copied behind its head; copying more costs more than a second write."""
LINGERING = 1.0
"""Seconds in which a client may end sending what nobody reads."""
LINGERED = 65536
"""Bytes of it that are listened to."""
TICK = 0.001
"""Seconds by which a timer may be early."""

OCTETS = "application/octet-stream"
GATEWAY_TIMED_OUT = 504

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class ServerConnection(asyncio.Protocol):
    """Reads requests, starts their exchanges, and writes what these say."""

    __slots__ = (
        "_arriving", "_drained", "_early", "_exchange", "_head", "_is_paused", "_lingered", "_loop", "_since",
        "_terms", "_timer", "_transport", "_unsent", "door", "has_whole_request", "is_full", "remote",
    )  # fmt: skip

    def __init__(self, terms: Terms, door: Door) -> None:
        self._terms, self._loop, self.door = terms, terms.loop, door
        self.remote = ""
        """Address of the client."""
        self.has_whole_request = True
        """Whether the current request is here to its last byte."""
        self.is_full = False
        """Whether the client reads more slowly than is written: wait for `drained`."""
        self._transport: asyncio.Transport | None = None
        self._exchange: Exchange | None = None
        self._head: RequestHead | None = None  # of a request whose body is awaited
        self._arriving: ArrivingBody | None = None
        self._early = b""  # what has come and belongs to no exchange yet
        self._lingered = -1  # bytes listened to without reading them; -1 before that
        self._is_paused = False
        self._drained: asyncio.Future[None] | None = None
        self._since = 0.0  # when something happened last that counts against the limit now in force
        self._unsent = 0  # bytes in the buffer when somebody looked last: less of them now is progress
        self._timer: asyncio.TimerHandle | None = None

    # ---- what the loop calls back --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self.remote = str(peer[0]) if isinstance(peer, tuple) else ""
        self._terms.connections.add(self)
        self._since = self._loop.time()
        self._watch(self._since + self._terms.silence)

    def data_received(self, data: bytes) -> None:
        """Take bytes for the current body, for later requests, or for the next one."""
        if self._arriving is not None:
            self._stream(self._arriving, data)
        elif self._lingered >= 0:
            self._listen(data)
        elif self._exchange is not None:
            self._early += data
            if len(self._early) > MAX_EARLY:
                self.pause()
        else:
            self._read(self._early + data if self._early else data)

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
        self._terms.connections.discard(self)
        self.door.left()
        if self._timer is not None:
            self._timer.cancel()
        if self._arriving is not None:
            self._arriving.fail("the client has closed the connection")
        if self._exchange is not None:
            self._exchange.cancel()
        if self._drained is not None:
            self._drained.cancel()
        self._exchange = self._arriving = self._drained = None

    # ---- reading -------------------------------------------------------------------------------------------------

    def _read(self, data: bytes) -> None:
        """Begin the request that `data` holds, or wait for the rest of it."""
        head, end = self._head, 0
        try:
            if head is None:
                end = data.find(HEAD_END) + len(HEAD_END)
                if end < len(HEAD_END):
                    self._await_head(data)
                    return
                head = self._terms.reader.read(data[:end])
            if head.length == 0:
                self._begin(head, Body(), data[end:])
            else:
                self._read_body(head, data[end:])
        except Refusal as refusal:
            self._refuse(refusal)

    def _await_head(self, data: bytes) -> None:
        check_beginning(data)
        if not self._early:
            self._since = self._loop.time()
            self._watch(self._since + self._terms.head_limit)
        self._early = data

    def _read_body(self, head: RequestHead, data: bytes) -> None:
        length, limit = head.length, self._terms.max_body
        if length is not None and limit is not None and length > limit:
            raise Refusal(BODY_TOO_LARGE, f"the body is larger than {limit} bytes")
        content_type = head.content_type or OCTETS
        if length is not None and length <= len(data):
            self._begin(head, Body.of_bytes(data[:length], content_type), data[length:])
            return
        if head.expects_continue:
            head.expects_continue = False
            self.send(_CONTINUE)
        if length is not None and length <= WAITED_FOR:
            self._head, self._early, self._since = head, data, self._loop.time()
            return
        body = RequestBody(length, limit)
        pieces = body.read(data)
        if body.is_complete:
            self._begin(head, Body.of_bytes(b"".join(pieces), content_type), body.surplus)
        else:
            arriving = ArrivingBody(body, pieces, self._loop, pause=self.pause, resume=self.resume)
            self._arriving, self.has_whole_request = arriving, False
            self._begin(head, Body.of_stream(arriving, content_type), b"")

    def _begin(self, head: RequestHead, body: Body, early: bytes) -> None:
        terms, door, now = self._terms, self.door, self._loop.time()
        self._head, self._early, self._since = None, early, now
        correlation_id = head.correlation_id or terms.new_id()
        exchange = self._exchange = Exchange(terms, self, head, correlation_id, now)
        terms.exchanges.add(exchange)
        host = head.host or door.server
        arrival = Arrival(
            head.method,
            head.target,
            head.fields,
            body,
            door.scheme,
            host,
            door.port,
            self.remote,
            correlation_id,
        )
        # not spawned by name as loops are, which costs as much again: it is told apart by its exchange
        exchange.work = self._loop.create_task(exchange.run(arrival))

    def _stream(self, arriving: ArrivingBody, data: bytes) -> None:
        self._since = self._loop.time()
        try:
            rest = arriving.take(data)
        except Refusal as refusal:
            self._break_off(refusal)
            return
        if rest is not None:
            self._arriving, self._early, self.has_whole_request = None, rest, True

    def _listen(self, data: bytes) -> None:
        self._lingered += len(data)
        if self._lingered > LINGERED:
            self.close()

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
        if len(body) <= JOINED:
            transport.write(data + body)
        else:
            transport.write(data)
            transport.write(body)

    def drained(self) -> asyncio.Future[None]:
        """Return what is done when the client has read enough for more to be written."""
        self._drained = drained = self._loop.create_future()
        if self._transport is not None:
            self._unsent = self._transport.get_write_buffer_size()
        return drained

    def answered(self, exchange: Exchange, *, keeps_alive: bool) -> None:
        """End the current exchange; go on with the next request, or close."""
        if exchange is not self._exchange:
            return
        self._exchange = None
        if not self.has_whole_request or (self._early and not keeps_alive):
            self._linger()
        elif not keeps_alive:
            self.close()
        else:
            self.resume()
            if self._early:
                early, self._early = self._early, b""
                self._read(early)

    def close(self) -> None:
        """Close when everything written has gone out."""
        if self._transport is not None:
            self._watch(self._since + self._terms.silence)
            self._transport.close()

    def cut(self) -> None:
        """Close at once, in the middle of an answer."""
        self._exchange = None
        if self._transport is not None:
            self._transport.abort()

    # ---- how a connection ends -----------------------------------------------------------------------------------

    def is_in_use(self, quiet_since: float) -> bool:
        """Return whether a request is read or answered here, or something has happened since that time."""
        return (
            self._exchange is not None
            or self._head is not None
            or bool(self._early)
            or (self._since > quiet_since)
        )

    def _refuse(self, refusal: Refusal) -> None:
        """Answer a request that nobody will serve."""
        terms, now, headers = self._terms, self._loop.time(), Headers()
        terms.tell_refusal(refusal, self.remote)
        self.send(terms.writer.written(None, refusal.status, headers, 0, now=now))
        if terms.access_log is not None:
            terms.access_log.add(Visit(self.door, self.remote, None, refusal.status, 0, 0.0, headers))
        self._linger()

    def _break_off(self, refusal: Refusal) -> None:
        """End a request whose body is not what it should be, while the engine works on it."""
        self._terms.tell_refusal(refusal, self.remote)
        exchange = self._exchange
        if exchange is not None and not exchange.is_answered:
            exchange.end_with(refusal.status)
        else:
            self.cut()
        if exchange is not None:
            exchange.cancel()

    def _linger(self) -> None:
        self._arriving, self._head, self._early, self._lingered = None, None, b"", 0
        self.resume()
        self._since = self._loop.time()
        self._watch(self._since + LINGERING)
        if self._transport is not None and self._transport.can_write_eof():
            with suppress(OSError):  # it has gone meanwhile, and that will be reported
                self._transport.write_eof()

    # ---- limits --------------------------------------------------------------------------------------------------

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
        else:
            self._run_out_of_time()

    def _limit(self) -> float:
        if self._lingered >= 0:
            return LINGERING
        is_in_head = self._exchange is None and self._head is None and self._early
        return self._terms.head_limit if is_in_head else self._terms.silence

    def _run_out_of_time(self) -> None:
        exchange = self._exchange
        if self._lingered >= 0 or (self._transport is not None and self._transport.is_closing()):
            self.cut()
        elif exchange is None:
            if self._early or self._head is not None:
                self._refuse(Refusal(TIMED_OUT, "the rest of it did not come in time"))
            else:
                self.close()
        elif exchange.is_answered:
            log.warning(
                "[{remote}] does not take its answer, or has got no more of it in time", remote=self.remote
            )
            exchange.cancel()
            self.cut()
        elif self._arriving is not None and not self._is_paused:
            self._arriving.fail("the rest of it did not come in time")
            self._break_off(Refusal(TIMED_OUT, "the rest of it did not come in time"))
        else:
            log.warning("Socket Timeout occurred after accepting the request headers and the request body")
            exchange.end_with(GATEWAY_TIMED_OUT)
            exchange.cancel()
