"""Whether a file is still the one that was read."""

from collections.abc import Iterable
from pathlib import Path

Signature = tuple[int, int]


def signature_of(path: Path) -> Signature:
    """Return what differs when a file has been replaced or written; zeros when it is not there."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns ^ found.st_ino, found.st_size


def signatures_of(paths: Iterable[Path]) -> dict[Path, Signature]:
    """Return how each of these files looks."""
    return {path: signature_of(path) for path in paths}
