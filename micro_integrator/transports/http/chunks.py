"""The chunked coding: put on piece by piece, taken off while the bytes arrive. ◇

Chunk extensions and trailers are passed over; sizes and line ends must be exactly what the standard says.
"""

import re

MAX_LINE = 4096
"""Bytes of a size with its extensions."""
MAX_TRAILERS = 16384
"""Bytes of all trailers together."""

LAST_CHUNK = b"0\r\n\r\n"
"""What ends a body; no trailers are ever sent."""

_SIZE_LINE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;[\t -~\x80-\xff]*)?")
_TRAILER = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*")
_LINE_END = b"\r\n"


def chunk(piece: bytes) -> tuple[bytes, bytes, bytes]:
    """Return a piece in the coding, to be written one after the other; it must not be empty: that would be the end."""
    return b"%x\r\n" % len(piece), piece, b"\r\n"


class NotChunked(Exception):
    """The bytes are not in the chunked coding."""


class ChunkReader:
    """Takes the bytes of one body; `is_complete` turns true with its last one."""

    __slots__ = ("_held", "_left", "_trailers", "is_complete", "surplus")

    def __init__(self) -> None:
        self.is_complete = False
        self.surplus = b""
        """Bytes behind the end."""
        self._held = b""
        """The beginning of a line whose end is still to come."""
        self._left = 0
        """Bytes of the current chunk that are still to come, its line end included; 0 between chunks."""
        self._trailers = -1
        """Bytes of trailers so far; -1 before the last chunk."""

    def read(self, data: bytes) -> list[bytes]:
        """Take bytes, return the pieces of the body among them. Raises NotChunked."""
        if self._held:
            data, self._held = self._held + data, b""
        pieces: list[bytes] = []
        position = 0
        while position < len(data) and not self.is_complete:
            if self._left:
                position = self._content(data, position, pieces)
                continue
            end = data.find(_LINE_END, position)
            if end < 0:
                self._hold(data[position:])
                return pieces
            self._line(data[position:end])
            position = end + 2
        if self.is_complete:
            self.surplus = data[position:]
        return pieces

    def _content(self, data: bytes, position: int, pieces: list[bytes]) -> int:
        """Take what there is of a chunk; return where the rest begins."""
        wanted = self._left - 2
        found = min(wanted, len(data) - position)
        if found > 0:
            pieces.append(data[position : position + found])
            self._left -= found
            position += found
        if found == wanted:
            position = self._end_of_chunk(data, position)
        return position

    def _end_of_chunk(self, data: bytes, position: int) -> int:
        end = data[position : position + self._left]
        if not _LINE_END[-self._left :].startswith(end):
            raise NotChunked("a chunk is longer than its size")
        self._left -= len(end)
        return position + len(end)

    def _line(self, line: bytes) -> None:
        if self._trailers < 0:
            self._size(line)
        elif not line:
            self.is_complete = True
        else:
            self._trailers += len(line)
            if self._trailers > MAX_TRAILERS or _TRAILER.fullmatch(line) is None:
                raise NotChunked("what follows the last chunk is no list of headers")

    def _size(self, line: bytes) -> None:
        parts = _SIZE_LINE.fullmatch(line) if len(line) <= MAX_LINE else None
        if parts is None:
            raise NotChunked(f"{line[:40]!r} is no size of a chunk")
        size = int(parts[1], 16)
        if size:
            self._left = size + 2
        else:
            self._trailers = 0

    def _hold(self, data: bytes) -> None:
        if len(data) > MAX_LINE:
            raise NotChunked("a line has no end")
        if b"\n" in data:  # the end that is waited for would not come
            raise NotChunked("a line ends without CR")
        self._held = data
