"""What a node holds: files, background work, memory. What a bad day has left behind is the difference."""

import contextlib
import re
import signal
from dataclasses import dataclass
from pathlib import Path

from harness import Node, wait_until

MEMORY_TOLERANCE = 20 * 1024 * 1024
"""Bytes that allocators keep for later."""

_WORK = "(background work)"
_LAST_WORD = '"MainThread" (thread)'


@dataclass(frozen=True)
class Footprint:
    """What a node holds at one time."""

    files: tuple[str, ...]
    """What its open files lead to, sockets by their number; without logs, which are opened with their first line."""
    work: tuple[str, ...]
    """Names of background work."""
    memory: int
    """Resident bytes."""


def footprint(node: Node) -> Footprint:
    """Look at a node."""
    return Footprint(tuple(open_files(node)), tuple(background_work(node)), resident(node))


def wait_for_footprint(node: Node, before: Footprint) -> None:
    """Return when `node` holds no more than `before`; fails when it goes on holding more."""
    wait_until(
        lambda: len(open_files(node)) <= len(before.files),
        lambda: f"not closed: {set(open_files(node)) - set(before.files)}",
    )
    wait_until(
        lambda: len(background_work(node)) <= len(before.work),
        lambda: f"still at work: {background_work(node)}, before: {before.work}",
    )
    assert resident(node) < before.memory + MEMORY_TOLERANCE


def open_files(node: Node) -> list[str]:
    """Return what its open files lead to, logs apart."""
    found = []
    for entry in Path(f"/proc/{node.process.pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed in this moment
            found.append(entry.readlink())
    logs = node.root / "repository" / "logs"
    return [str(target) for target in found if target.parent != logs]


def background_work(node: Node) -> list[str]:
    """Return the names of unfinished background work, by the dump that an operator would ask for."""
    known = len(node.log())
    node.process.send_signal(signal.SIGUSR1)
    wait_until(lambda: _LAST_WORD in node.log()[known:], "the dump of a node")
    return re.findall(rf'"(.+)" {re.escape(_WORK)}', node.log()[known:])


def resident(node: Node) -> int:
    """Return the bytes of memory in use."""
    return _status(node, "VmRSS")


def most_resident(node: Node) -> int:
    """Return the most bytes of memory that were in use since `forget_most_resident`."""
    return _status(node, "VmHWM")


def forget_most_resident(node: Node) -> None:
    """Begin to watch the memory."""
    Path(f"/proc/{node.process.pid}/clear_refs").write_text("5")


def _status(node: Node, name: str) -> int:
    text = Path(f"/proc/{node.process.pid}/status").read_text()
    [kibibytes] = re.findall(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)
    return int(kibibytes) * 1024
