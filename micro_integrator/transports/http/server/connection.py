"""One connection of a client: requests are read, handed on one after the other, and answered.

            ┌──────────────── the next request, which may be here already ────────────────┐
    idle ──▶ head ──▶ body, as far as it is waited for ──▶ exchange ──▶ answered ──▶ idle ┘
              └ refused ──▶ lingering ◀── body not complete ──────────────┘
                                └──▶ closed

A request whose head and body have come together, or whose body is small, is handed on whole; a larger body becomes a
stream. Lingering: a client that still sends is listened to for a moment, for an answer is lost when its connection is
closed with bytes unread. A client that has closed its half has gone.
"""

import asyncio
import math
from contextlib import suppress

from micro_integrator.kit import wall_ms
from micro_integrator.synapse import Arrival, Body, ClientCertificate, Headers
from micro_integrator.transports.http.limits import EMPTY_LINE
from micro_integrator.transports.http.server.access_pattern import Visit
from micro_integrator.transports.http.server.arriving import ArrivingBody, RequestBody
from micro_integrator.transports.http.server.client_certificate import certificate_of
from micro_integrator.transports.http.server.client_socket import ClientSocket
from micro_integrator.transports.http.server.door import Door
from micro_integrator.transports.http.server.exchange import Exchange
from micro_integrator.transports.http.server.refusal import BODY_TOO_LARGE, TIMED_OUT, Refusal
from micro_integrator.transports.http.server.request_head import RequestHead, check_beginning
from micro_integrator.transports.http.server.terms import Terms, log

MAX_EARLY = 65536
"""Bytes of later requests that are kept while an answer is awaited."""
WAITED_FOR = 65536
"""Bytes of a body up to which the whole is awaited before its request is handed on."""
LINGER_LIMIT = 5.0
"""Seconds of silence that end a connection whose client was refused, or answered while it was still sending."""
LONGEST_LINGER = 60.0
"""Seconds such a client may go on sending: many read their answer only when they have sent everything."""
MAX_LINGERED = 16 * 1024 * 1024
"""Bytes of rubbish that are listened to; whoever sends more than that is closed."""

GATEWAY_TIMED_OUT = 504
LATE = "the rest of it did not come in time"

_LINE_END = b"\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class ServerConnection(ClientSocket):
    """Reads requests, starts their exchanges, and ends with them."""

    __slots__ = (
        "_arriving", "_certificate", "_early", "_exchange", "_head", "_linger_left", "_linger_until", "_tail", "_terms",
        "door", "has_whole_request",
    )  # fmt: skip

    def __init__(self, terms: Terms, door: Door) -> None:
        super().__init__(terms.loop, terms.outbox)
        self._terms, self.door = terms, door
        self.has_whole_request = True
        """Whether the current request is here to its last byte."""
        self._certificate: ClientCertificate | None = None
        self._exchange: Exchange | None = None
        self._head: RequestHead | None = None  # of a request whose body is awaited
        self._arriving: ArrivingBody | None = None
        self._tail: Exchange | None = None  # answered, while its body still arrives
        self._early = b""  # what has come and belongs to no exchange yet
        self._linger_until = 0.0  # when it is over whatever the client does; 0 before it has begun
        self._linger_left = 0.0  # bytes that are listened to until then

    # ---- what the loop calls back --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the client."""
        self._terms.connections.add(self)
        super().connection_made(transport)
        if self.door.scheme == "https":
            self._certificate = certificate_of(transport)

    def data_received(self, data: bytes) -> None:
        """Take bytes for the current body, for later requests, or for the next one."""
        if self._arriving is not None:
            self._stream(self._arriving, data)
        elif self._linger_until:
            self._listen(data)
        elif self._exchange is not None:
            self._early += data
            if len(self._early) > MAX_EARLY:
                self.pause()
        else:
            self._read(self._early + data if self._early else data)

    def connection_lost(self, exc: Exception | None) -> None:
        """End the work that nobody waits for any more."""
        super().connection_lost(exc)
        self._terms.connections.discard(self)
        self.door.left()
        if self._arriving is not None:
            self._arriving.fail("the client has closed the connection")
        if self._exchange is not None:
            self._exchange.cancel()
        self._exchange = self._arriving = self._tail = None

    # ---- reading -------------------------------------------------------------------------------------------------

    def _read(self, data: bytes) -> None:
        """Begin the request that `data` holds, or wait for the rest of it."""
        head, end = self._head, 0
        try:
            if head is None:
                end = data.find(EMPTY_LINE) + len(EMPTY_LINE)
                if end < len(EMPTY_LINE):
                    self._await_head(data)
                    return
                head = self._terms.reader.read(data[:end])
            if head.length == 0:
                self._begin(head, Body(), data[end:])
            else:
                self._read_body(head, data[end:])
        except Refusal as refusal:
            self._refuse(refusal, head)

    def _await_head(self, data: bytes) -> None:
        if data == _LINE_END:  # some send one behind a body; it is not the beginning of anything
            self._early = b""
            return
        check_beginning(data)
        if not self._early:
            self._since = self._loop.time()
            self._watch(self._since + self._terms.head_limit)
        self._early = data

    def _read_body(self, head: RequestHead, data: bytes) -> None:
        length, limit = head.length, self._terms.max_body
        if length is not None and limit is not None and length > limit:
            raise Refusal(BODY_TOO_LARGE, f"the body is larger than {limit} bytes")
        content_type = head.content_type or self._terms.untyped
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
        if len(early) > MAX_EARLY:
            self.pause()
        correlation_id = head.correlation_id
        # mediators change them, and only the access log asks later what the client has sent
        headers = head.headers if terms.access_log is None else head.headers.copy()
        if not correlation_id:  # the back end is to be told as if the client had made it
            headers[terms.correlation_header] = correlation_id = terms.new_id()
        exchange = self._exchange = Exchange(terms, self, head, correlation_id, now)
        terms.exchanges.add(exchange)
        host = head.host or door.server
        arrival = Arrival(
            head.method,
            head.target,
            headers,
            body,
            door.scheme,
            host,
            door.port,
            self.remote,
            correlation_id,
            self._certificate,
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
            if self._tail is not None:
                self._linger()

    def _listen(self, data: bytes) -> None:
        self._since = min(self._loop.time(), self._linger_until - LINGER_LIMIT)
        self._linger_left -= len(data)
        if self._linger_left < 0:
            self.close()

    # ---- how an exchange ends ------------------------------------------------------------------------------------

    def answered(self, exchange: Exchange, *, keeps_alive: bool) -> None:
        """End the current exchange; go on with the next request, or close."""
        if exchange is not self._exchange:
            return
        self._exchange = None
        if self._arriving is not None:
            self._tail = exchange  # its work may read on
        elif not self.has_whole_request or (self._early and not keeps_alive):
            self._linger()
        elif not keeps_alive:
            self.close()
        else:
            self.resume()
            if self._early:
                early, self._early = self._early, b""
                self._read(early)

    def work_ended(self, exchange: Exchange) -> None:
        """Nobody reads any more what still arrives for `exchange`."""
        if exchange is self._tail:
            self._linger()

    def cut_off(self) -> None:
        """Close in the middle of an answer."""
        self._exchange = None
        self.cut()

    # ---- how a connection ends -----------------------------------------------------------------------------------

    def is_in_use(self, quiet_since: float) -> bool:
        """Return whether a request is read or answered here, or something has happened since that time.

        An answer that the client has not taken yet counts too, as far as it is not in the kernel's hands.
        """
        return (
            self._exchange is not None
            or self._head is not None
            or bool(self._early)
            or self._since > quiet_since
            or (self._transport is not None and self._transport.get_write_buffer_size() > 0)
        )

    def _refuse(self, refusal: Refusal, head: RequestHead | None) -> None:
        """Answer a request that nobody will serve; `head` is None when it could not be read."""
        terms, now, headers, status = self._terms, self._loop.time(), Headers(), refusal.status
        terms.tell_refusal(refusal, self.remote)
        correlation_id = "" if head is None else head.correlation_id
        self.send(terms.writer.written(head, status, headers, 0, now=now, correlation_id=correlation_id))
        if terms.access_log is not None:
            ends = self.door, self.remote, self.local
            terms.access_log.add(Visit(*ends, head, status, 0, 0.0, headers, wall_ms()))
        self._linger(is_rubbish=head is None)

    def _break_off(self, refusal: Refusal) -> None:
        """End a request whose body is not what it should be, while the engine works on it."""
        self._terms.tell_refusal(refusal, self.remote)
        self._arriving, exchange = None, self._exchange
        if exchange is None:
            self.cut()
            return
        if exchange.is_answered:
            self.cut_off()
        else:
            exchange.end_with(refusal.status)
        exchange.cancel()

    def _linger(self, *, is_rubbish: bool = False) -> None:
        self._arriving = self._head = self._tail = None
        self._early = b""
        self.resume()
        self._since = self._loop.time()
        self._linger_until = self._since + (LINGER_LIMIT if is_rubbish else LONGEST_LINGER)
        self._linger_left = MAX_LINGERED if is_rubbish else math.inf
        self._watch(self._since + LINGER_LIMIT)
        self.flush()
        if self._transport is not None and self._transport.can_write_eof():
            with suppress(OSError):  # it has gone meanwhile, and that will be reported
                self._transport.write_eof()

    # ---- limits --------------------------------------------------------------------------------------------------

    def _limit(self) -> float:
        if self._linger_until:
            return LINGER_LIMIT
        is_in_head = self._exchange is None and self._head is None and self._early
        return self._terms.head_limit if is_in_head else self._terms.silence

    def _run_out_of_time(self) -> None:
        exchange, arriving = self._exchange, self._arriving
        if self._linger_until:
            self.close()  # in TLS with a goodbye; nobody waits for the answer to it
        elif arriving is not None and not self._is_paused:
            arriving.fail(LATE)
            self._break_off(Refusal(TIMED_OUT, LATE))
        elif exchange is not None:
            self._give_up(exchange)
        elif self._early or self._head is not None:
            self._refuse(Refusal(TIMED_OUT, LATE), self._head)
        else:
            self.close()

    def _give_up(self, exchange: Exchange) -> None:
        if exchange.is_answered:
            log.warning("[{remote}] does not take its answer, or there is no more of it", remote=self.remote)
            self.cut_off()
        else:
            log.warning("Socket Timeout occurred after accepting the request headers and the request body")
            exchange.end_with(GATEWAY_TIMED_OUT)
        exchange.cancel()
