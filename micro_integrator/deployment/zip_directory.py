"""How long the directory of a zip file is, which a reader takes into memory before anybody can count its members.

Written by the format's own description (APPNOTE 4.3.14 to 4.3.16); looks where Python's zipfile looks.
"""

import os
import struct
from pathlib import Path

_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_SIZE = 20
_LONGEST_COMMENT = 65535


def directory_size(path: Path) -> int:
    """Return the bytes that the directory of `path` says to have; 0 when the file has none. Raises OSError."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _END.size - _LONGEST_COMMENT - _LOCATOR_SIZE - _END_64.size))
        tail = file.read()
    at = len(tail) - _END.size
    if not tail.startswith(b"PK\5\6", max(0, at)) or not tail.endswith(b"\0\0"):
        at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < _END.size:
        return 0
    declared = _END.unpack_from(tail, at)[5]
    return max(int(declared), _size_64(tail, at - _LOCATOR_SIZE - _END_64.size))


def _size_64(tail: bytes, at: int) -> int:
    """Return what the record before the end says when the file is too large for the ordinary one; else 0."""
    if at < 0 or not tail.startswith(b"PK\6\6", at):
        return 0
    return int(_END_64.unpack_from(tail, at)[8])
