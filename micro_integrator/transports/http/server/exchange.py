"""One request and its one answer.

The exchange belongs to its connection until it is answered; whatever is said afterwards reaches nobody, least of all
the next client on the same connection. Its work, the coroutine of the engine, may go on after the answer.
"""

import asyncio
from typing import TYPE_CHECKING

from micro_integrator.kit import wall_ms
from micro_integrator.observability import get_logger
from micro_integrator.synapse import Arrival, Headers, MediationError, Stream
from micro_integrator.transports.http.chunks import LAST_CHUNK, chunk
from micro_integrator.transports.http.server.access_pattern import Visit
from micro_integrator.transports.http.server.request_head import RequestHead
from micro_integrator.transports.http.server.response_head import CHUNKED, UNSAID, UNTIL_CLOSED
from micro_integrator.transports.http.server.terms import Terms

if TYPE_CHECKING:
    from micro_integrator.transports.http.server.connection import ServerConnection

ACCEPTED, SERVER_ERROR, UNAVAILABLE = 202, 500, 503
CLIENT_GONE = 499
"""In the access log: nobody was there any more to be answered."""

_NO_BODY = frozenset({204, 304})
_RESET = 205
_WITHOUT_BODY = _NO_BODY | {_RESET}

log = get_logger("ServerWorker")


class Exchange:
    """Fulfils `synapse.ReplyChannel`."""

    __slots__ = (
        "_connection", "_has_begun", "_size", "_started_at", "_terms", "correlation_id", "head", "is_answered", "work",
    )  # fmt: skip

    def __init__(
        self, terms: Terms, connection: "ServerConnection", head: RequestHead, correlation_id: str, now: float
    ) -> None:
        self._terms, self._connection, self.head = terms, connection, head
        self.correlation_id, self._started_at = correlation_id, now
        self.is_answered = False
        """Whether an answer has begun, or nobody is there any more to hear it."""
        self.work: asyncio.Task[None] | None = None
        self._has_begun = False
        self._size = 0  # bytes of the answer's body so far

    async def run(self, arrival: Arrival) -> None:
        """Let the engine serve the request, and see to it that there is an answer."""
        self._has_begun = True
        try:
            await self._terms.serve(arrival, self)
            if not self.is_answered:
                await self.reply(ACCEPTED, Headers(), b"")
        except Exception as error:
            log.error(
                "{method} {target} failed: {error}",
                method=self.head.method,
                target=self.head.target,
                error=repr(error),
                correlation_id=self.correlation_id,
                exc_info=error,
            )
            self.end_with(SERVER_ERROR, keeps_alive=self._can_go_on())
        finally:
            self._terms.exchanges.discard(self)
            if not self.is_answered:  # cancelled before it could
                self.end_with(UNAVAILABLE)
            if not self._connection.has_whole_request:
                self._connection.work_ended(self)

    # ---- the engine's side ---------------------------------------------------------------------------------------

    async def reply(
        self, status: int, headers: Headers, body: bytes | Stream, *, reason: str = "", is_last: bool = False
    ) -> None:
        """Answer, and return when everything is on its way; a second answer is ignored with a warning.

        Raises MediationError, and has not answered, when a header or the status cannot be sent.
        """
        connection = self._connection
        if self.is_answered:
            log.warning("Trying to send a response to an already responded client request")
            if not isinstance(body, bytes):
                body.abandon()
            return
        length = self._length(status, headers, body)
        keeps_alive = not is_last and length != UNTIL_CLOSED and self._can_go_on()
        terms = self._terms
        head = terms.writer.written(
            self.head,
            status,
            headers,
            length,
            now=terms.loop.time(),
            keeps_alive=keeps_alive,
            correlation_id=self.correlation_id,
            reason=reason,
        )
        self.is_answered = True
        try:
            if status in _WITHOUT_BODY or self.head.method == "HEAD":
                connection.send(head)
                if not isinstance(body, bytes):
                    body.abandon()
            elif isinstance(body, bytes):
                self._size = len(body)
                connection.send(head, body)
                if connection.is_full:
                    await connection.drained()
            else:
                await self._pass_on(head, body, length)
        except asyncio.CancelledError:  # the client has left, or is let go, in the middle of its answer
            self._note(status, headers)
            raise
        self._end(status, headers, keeps_alive=keeps_alive)

    # ---- the connection's side -----------------------------------------------------------------------------------

    def end_with(self, status: int, *, keeps_alive: bool = False) -> None:
        """Give an empty answer; nothing happens when there was one."""
        if self.is_answered:
            return
        self.is_answered = True
        headers, now = Headers(), self._terms.loop.time()
        head = self._terms.writer.written(
            self.head,
            status,
            headers,
            0,
            now=now,
            keeps_alive=keeps_alive,
            correlation_id=self.correlation_id,
        )
        self._connection.send(head)
        self._end(status, headers, keeps_alive=keeps_alive)

    def cancel(self) -> None:
        """Stop the work; nobody is there to hear an answer."""
        if not self.is_answered:
            self._note(CLIENT_GONE, Headers())
        self.is_answered = True
        if self.work is not None:
            self.work.cancel()
        if not self._has_begun:  # and now it never will
            self._terms.exchanges.discard(self)

    # ---- how an answer goes out ----------------------------------------------------------------------------------

    def _can_go_on(self) -> bool:
        """Return whether the connection may serve another request."""
        return self.head.keeps_alive and self._terms.keeps_alive and self._connection.has_whole_request

    def _length(self, status: int, headers: Headers, body: bytes | Stream) -> int:
        if status in _NO_BODY:
            return UNSAID
        if status == _RESET:
            return 0
        length = len(body) if isinstance(body, bytes) else body.length
        if self.head.method == "HEAD":  # what a GET would have got, as the back end tells it
            told = headers.get("content-length", "")
            return int(told) if told.isascii() and told.isdecimal() else length or UNSAID
        if length is None:
            return UNTIL_CLOSED if self.head.is_old else CHUNKED
        return length

    async def _pass_on(self, head: bytes, body: Stream, length: int) -> None:
        """Write a stream behind its head. Cuts the connection when the stream does not end well."""
        connection, is_whole = self._connection, False
        try:
            connection.send(head)
            async for piece in body:
                self._size += len(piece)
                if 0 <= length < self._size:
                    break
                _send(connection, piece, is_chunk=length == CHUNKED)
                if connection.is_full:
                    await connection.drained()
            if length == CHUNKED:
                connection.send(LAST_CHUNK)
            is_whole = length < 0 or self._size == length
            if not is_whole:
                self._say_cut(f"{self._size} bytes came where {length} were announced")
        except MediationError as error:
            self._say_cut(str(error))
        finally:
            body.abandon()
            if not is_whole:
                connection.cut_off()

    def _say_cut(self, reason: str) -> None:
        log.warning(
            "The answer to {method} {target} breaks off: {reason}",
            method=self.head.method,
            target=self.head.target,
            reason=reason,
            correlation_id=self.correlation_id,
        )

    def _end(self, status: int, headers: Headers, *, keeps_alive: bool) -> None:
        self._note(status, headers)
        self._connection.answered(self, keeps_alive=keeps_alive)

    def _note(self, status: int, headers: Headers) -> None:
        """Put the request into the access log, if there is one."""
        if (access_log := self._terms.access_log) is not None:
            client, seconds = self._connection, self._terms.loop.time() - self._started_at
            ends = client.door, client.remote, client.local
            access_log.add(Visit(*ends, self.head, status, self._size, seconds, headers, wall_ms()))


def _send(connection: "ServerConnection", piece: bytes, *, is_chunk: bool) -> None:
    if not is_chunk:
        connection.send(piece)
    elif piece:  # a chunk of no bytes would be the last one
        size, piece, end = chunk(piece)
        connection.send(size, piece)
        connection.send(end)
