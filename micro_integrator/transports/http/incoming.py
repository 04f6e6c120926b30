"""A body that is still on its way: whoever sends is slowed down when nobody reads.

    connection ── put, end, fail ──▶ Incoming ──▶ Arriving ── a message's body reads it, or lets go of it

The reader's half is an object of its own so that a body nobody holds any more is noticed: its connection keeps
only the other half.
"""

import asyncio
from collections import deque
from typing import Protocol, Self

from micro_integrator.synapse import EndpointError
from micro_integrator.transports.http.failure import Code, Stage, broken

HIGH = 65536
"""Bytes that may wait here before whoever sends them has to."""


class Source(Protocol):
    """Where the pieces come from."""

    def pause_reading(self) -> None:
        """Send nothing for a while."""
        ...

    def resume_reading(self) -> None:
        """Go on."""
        ...

    def abort(self) -> None:
        """Send nothing any more."""
        ...


class Incoming:
    """What has arrived and not been read yet."""

    __slots__ = ("_error", "_is_paused", "_loop", "_pieces", "_size", "_source", "_waiter")

    def __init__(self, source: Source, loop: asyncio.AbstractEventLoop) -> None:
        self._source: Source | None = source
        self._loop = loop
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._is_paused = False
        self._error: EndpointError | None = None
        self._waiter: asyncio.Future[None] | None = None

    @property
    def is_complete(self) -> bool:
        """Whether the last byte is here."""
        return self._source is None and self._error is None

    # ---- the connection's side -----------------------------------------------------------------------------------

    def put(self, piece: bytes) -> None:
        """Take a piece."""
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > HIGH and not self._is_paused and self._source is not None:
            self._is_paused = True
            self._source.pause_reading()
        self._wake()

    def end(self) -> None:
        """Nothing will follow: the body is complete."""
        source, self._source = self._source, None
        if self._is_paused and source is not None:
            source.resume_reading()  # whoever uses the connection next does not wait for this reader
        self._wake()

    def fail(self, error: EndpointError) -> None:
        """The rest will not come."""
        self._source, self._error = None, error
        self._wake()

    # ---- the reader's side ---------------------------------------------------------------------------------------

    async def next(self) -> bytes:
        """Return the next piece, empty at the end. Raises EndpointError when the rest will not come."""
        while not self._pieces:
            if self._source is None:
                if self._error is not None:
                    raise self._error
                return b""
            self._waiter = self._loop.create_future()
            await self._waiter
        piece = self._pieces.popleft()
        self._size -= len(piece)
        if self._is_paused and self._size <= HIGH // 2:
            self._is_paused = False
            if self._source is not None:
                self._source.resume_reading()
        return piece

    def everything(self) -> bytes:
        """Return a complete body in one piece, which is then read."""
        whole = b"".join(self._pieces)
        self._pieces.clear()
        self._size = 0
        return whole

    def abandon(self) -> None:
        """Forget what is here, and take nothing more."""
        self._pieces.clear()
        source, self._source = self._source, None
        if source is not None:
            self._error = _abandoned()
            source.abort()
            self._wake()

    def forget(self) -> None:
        """Abandon what is still to come, if anything; may be called in any thread."""
        if self._source is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.abandon)

    def _wake(self) -> None:
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)


def _abandoned() -> EndpointError:
    return broken("nobody wanted the rest of the body", Code.CANCELLED, Stage.RESPONSE_BODY)


class Arriving:
    """The reader's half: a body, piece by piece."""

    __slots__ = ("_incoming",)

    def __init__(self, incoming: Incoming) -> None:
        self._incoming = incoming

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece = await self._incoming.next()
        if not piece:
            raise StopAsyncIteration
        return piece

    def abandon(self) -> None:
        """Forget what is here; nobody will read what is still to come."""
        self._incoming.abandon()
