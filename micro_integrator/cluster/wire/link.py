"""One connection of the wire, in either direction: frames in, frames out, cut when it does not behave."""

import asyncio
import contextlib
from collections.abc import Collection

from micro_integrator.cluster.wire.answers import Address
from micro_integrator.cluster.wire.frames import Decoder, Frame, Kind, encode
from micro_integrator.cluster.wire.own_addresses import unmapped

_PIECE = 4096


class Link:
    """An open connection; `receive` belongs to one reader, everything else may be called by anybody in the loop."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, unsent_bytes: int) -> None:
        self.cut_for = ""
        """Why this side has ended it; empty while it has not."""
        self.address = _peer_of(writer)
        self._reader, self._writer, self._unsent = reader, writer, unsent_bytes
        self._decoder = Decoder()
        self._quiet_ticks = 0

    @property
    def is_in_frame(self) -> bool:
        """Whether the other side has begun a frame and not ended it."""
        return self._decoder.is_in_frame

    def send(self, frame: bytes) -> None:
        """Send without waiting; a connection that takes nothing any more is cut."""
        if self.cut_for or self._writer.is_closing():
            return
        self._writer.write(frame)
        if self._writer.transport.get_write_buffer_size() > self._unsent:
            self.cut(f"more than {self._unsent} bytes unsent")

    async def receive(self, expected: Collection[Kind]) -> Frame | None:
        """Return the next frame, None at the end of the connection.

        Raises FrameError for what is none of `expected`, and OSError (ConnectionError when the other side has reset).
        """
        while (frame := self._decoder.take(expected)) is None:
            piece = await self._reader.read(_PIECE)
            self._quiet_ticks = 0
            if not piece:
                return None
            self._decoder.feed(piece)
        return frame

    def tick(self, most: int) -> None:
        """Count the ticks without a byte; at `most` of them it is silent, which says nothing about the other side."""
        self._quiet_ticks += 1
        if self._quiet_ticks >= most:
            self.cut("silent")

    def cut(self, reason: str) -> None:
        """End the connection now; what is unsent is lost."""
        self.cut_for = self.cut_for or reason
        self._writer.transport.abort()

    def farewell(self) -> None:
        """Say BYE and end the connection when that is sent."""
        self.send(encode(Kind.BYE))
        self.cut_for = self.cut_for or "bye"
        self._writer.close()

    async def closed(self) -> None:
        """Return when nothing of it is left; never raises for the way it ended."""
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


def _peer_of(writer: asyncio.StreamWriter) -> Address:
    peer = writer.get_extra_info("peername") or ("unknown", 0)  # it may be gone already
    return unmapped(peer[0]), peer[1]
