"""gzip: taken off a payload when somebody wants to know what it says. ◇"""

import zlib

from micro_integrator.synapse.errors import FormatError

MARK = b"\x1f\x8b\x08"
"""What everything in gzip begins with, and no text, document or form."""
MOST = 32 * 1024 * 1024
"""Bytes that may come out: a few of them can be a thousand times as many."""

MOST_PACKAGES = 1000
"""One behind the other; each may hold next to nothing and still takes its time."""

_WITH_GZIP_HEAD = zlib.MAX_WBITS | 16


def unpacked(raw: bytes, most: int = MOST) -> bytes:
    """Return what was packed; several packages one behind the other are one. Raises FormatError."""
    pieces: list[bytes] = []
    while raw:
        if len(pieces) == MOST_PACKAGES:
            raise FormatError(f"The payload cannot be unpacked: it has more than {MOST_PACKAGES} parts")
        reader = zlib.decompressobj(_WITH_GZIP_HEAD)
        try:
            pieces.append(reader.decompress(raw, most))
        except zlib.error as error:
            raise FormatError(f"The payload cannot be unpacked: {error}") from error
        most -= len(pieces[-1])
        if not reader.eof:
            reason = "it ends too early" if most > 0 else f"it has more than {MOST} bytes"
            raise FormatError(f"The payload cannot be unpacked: {reason}")
        raw = reader.unused_data
        if raw and most <= 0:
            raise FormatError(f"The payload cannot be unpacked: it has more than {MOST} bytes")
    return b"".join(pieces)
