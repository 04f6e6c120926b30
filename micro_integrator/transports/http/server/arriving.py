"""The body of a request: found in what has arrived, or a stream when the rest is still on its way.

Somebody who reads a stream slowly slows down the client; what nobody wants is passed over as it comes.
"""

import asyncio
from collections.abc import Callable, Iterable

from micro_integrator.synapse import EndpointError
from micro_integrator.transports.http.body_reader import BodyReader, Counted
from micro_integrator.transports.http.chunks import ChunkReader, NotChunked
from micro_integrator.transports.http.failure import Stage
from micro_integrator.transports.http.incoming import Arriving, Incoming
from micro_integrator.transports.http.server.refusal import BAD_REQUEST, BODY_TOO_LARGE, Refusal

RECEIVING_FAILED = 101001
"""ERROR_CODE of a request whose rest will not come."""


class RequestBody:
    """Takes bytes of one body; counts them against the limit."""

    __slots__ = ("_limit", "_reader", "_size", "length")

    def __init__(self, length: int | None, limit: int | None) -> None:
        """Remember: a body of `length` bytes, or in chunks; more than `limit` bytes are refused."""
        self.length, self._limit, self._size = length, limit, 0
        self._reader: BodyReader = ChunkReader() if length is None else Counted(length)

    @property
    def is_complete(self) -> bool:
        """Whether the last byte is here."""
        return self._reader.is_complete

    @property
    def surplus(self) -> bytes:
        """Bytes behind the end: the beginning of the next request."""
        return self._reader.surplus

    def read(self, data: bytes) -> list[bytes]:
        """Return the pieces of the body in `data`. Raises Refusal."""
        try:
            pieces = self._reader.read(data)
        except NotChunked as error:
            raise Refusal(BAD_REQUEST, str(error), trouble="chunks") from error
        if self._limit is not None:
            self._size += sum(map(len, pieces))
            if self._size > self._limit:
                raise Refusal(BODY_TOO_LARGE, f"the body is larger than {self._limit} bytes")
        return pieces


class ArrivingBody(Arriving):
    """The stream of a body that is not complete; fulfils `synapse.Stream`. Abandoned, it passes over the rest."""

    __slots__ = ("_body", "_is_wanted", "_pause", "_resume")

    def __init__(
        self,
        body: RequestBody,
        pieces: Iterable[bytes],
        loop: asyncio.AbstractEventLoop,
        *,
        pause: Callable[[], None],
        resume: Callable[[], None],
    ) -> None:
        """Begin with `pieces` that are here; `pause` and `resume` stop the client for a while."""
        super().__init__(Incoming(self, loop))
        self._body, self._pause, self._resume = body, pause, resume
        self._is_wanted = True
        for piece in pieces:
            self._incoming.put(piece)

    # ---- the connection's side -----------------------------------------------------------------------------------

    def take(self, data: bytes) -> bytes | None:
        """Take bytes; return what follows the body once it is complete. Raises Refusal, which ends the stream."""
        try:
            pieces = self._body.read(data)
        except Refusal as refusal:
            self.fail(refusal.reason)
            raise
        if self._is_wanted:
            for piece in pieces:
                self._incoming.put(piece)
        if not self._body.is_complete:
            return None
        self._incoming.end()
        return self._body.surplus

    def fail(self, reason: str) -> None:
        """The rest will not come."""
        error = EndpointError(f"The request breaks off: {reason}", code=RECEIVING_FAILED)
        error.protocol_state = Stage.REQUEST_BODY
        self._incoming.fail(error)

    # ---- what slows it down --------------------------------------------------------------------------------------

    def pause_reading(self) -> None:
        """Stop the client for a while."""
        self._pause()

    def resume_reading(self) -> None:
        """Let the client go on."""
        self._resume()

    def abort(self) -> None:
        """Pass over what is still to come."""
        self._is_wanted = False
        self._resume()

    # ---- the reader's side ---------------------------------------------------------------------------------------

    @property
    def length(self) -> int | None:
        """Bytes of the whole body, None when it comes in chunks."""
        return self._body.length
