"""Where everything runs: cores, ports, and processes that end with the block that started them."""

import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness import LIMIT, wait_until

from benchmarks import CHECKOUT
from benchmarks.processes import cpu_seconds, resident_megabytes

PROXY_CORE, OTHER_CORE = 0, 1

_DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL")


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Whatever is started in the block stays on one core, and so do its children."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def running(words: Sequence[str], port: int, core: int) -> Iterator[int]:
    """A program that listens on `port`, as the number of its process."""
    with on_core(core):
        process = subprocess.Popen([*_DIES_WITH_US, *words], cwd=CHECKOUT, stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: accepts(port) or process.poll() is not None, f"{words[0]} on port {port}")
        if process.returncode is not None:
            raise RuntimeError(f"'{' '.join(words)}' ended with {process.returncode}")
        yield process.pid
    finally:
        process.terminate()
        process.wait(LIMIT)


def accepts(port: int) -> bool:
    """Whether somebody listens on a port of this machine."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Return a port that nobody uses at the moment."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def tree_cpu_seconds(pid: int) -> float:
    """Return the processor time used by a process and its living descendants."""
    return sum(cpu_seconds(member) for member in _tree(pid))


def tree_megabytes(pid: int) -> float:
    """Return the resident memory of a process and its living descendants in MB of 10^6 bytes."""
    return round(sum(resident_megabytes(member) for member in _tree(pid)), 1)


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            yield from _tree(int(child))
