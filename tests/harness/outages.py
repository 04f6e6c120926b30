"""A database server that crashes or stands still: for servers that belong to one test alone."""

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from servers.mariadb import MariaDBServer
from servers.postgresql import PostgreSQLServer

from harness.sessions import Server
from harness.waiting import LIMIT, wait_until

KINDS: dict[str, type[PostgreSQLServer] | type[MariaDBServer]] = {
    "postgresql": PostgreSQLServer,
    "mariadb": MariaDBServer,
}

MakeServer = Callable[[str], Server]
"""Makes a server of a kind, not yet started."""


@contextmanager
def own_server(kind: str, settings: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Make a server of `kind`, not yet started; it is removed in the end. Raises ServerMissing."""
    server = KINDS[kind](settings)
    try:
        yield server
    finally:
        server.remove()


def crash(server: Server) -> None:
    """SIGKILL all processes of `server`; `server.start()` recovers it, on the same port."""
    processes = _processes(server)
    server.stop(signal.SIGKILL)
    for process in processes:
        _send(process, signal.SIGKILL)
    wait_until(lambda: not any(map(_is_there, processes)), f"the end of {server.kind}")


class Frozen:
    """A server none of whose processes runs, until `thaw` or the end of the block; its connections stay open.

    Should the tests be killed meanwhile, the server goes on and hears that it has to end.
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        # the first process makes the others, so it stops first; whoever it has made until then is found
        _send(server.pid, signal.SIGSTOP)
        processes = _processes(server)
        for process in processes:
            _send(process, signal.SIGSTOP)
        numbers = " ".join(map(str, reversed(processes)))
        self._guard = subprocess.Popen(
            ["sh", "-c", f"read -r line; kill -CONT {numbers}"],
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def thaw(self) -> None:
        """Let all processes go on; calling it again changes nothing."""
        if self._guard.poll() is None:
            self._guard.communicate(timeout=LIMIT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.thaw()


def _processes(server: Server) -> list[int]:
    """Return the first process of `server` and its children."""
    children = []
    for folder in Path("/proc").glob("[0-9]*"):
        if _parent(folder) == server.pid:
            children.append(int(folder.name))
    return [server.pid, *children]


def _parent(folder: Path) -> int | None:
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None


def _is_there(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def _send(process: int, what: signal.Signals) -> None:
    try:
        os.kill(process, what)
    except ProcessLookupError:
        return
