"""What private servers share: an own folder and port, a process that ends with ours, restart, kill, stop."""

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from servers.fetch import Binaries
from servers.ports import free_port

_START_LIMIT = 60.0
_STOP_LIMIT = 30.0
_PR_SET_PDEATHSIG = 1
_UNPRIVILEGED = "nobody"
_FOLDER_PREFIX = "mi-test-"


@dataclass(frozen=True)
class Database:
    """A fresh, empty database and who may use it."""

    kind: str
    url: str
    username: str
    password: str


class PrivateServer(ABC):
    """A database server in a temporary folder, on a free port of the loopback interface, with fsync on.

    `settings` are further settings of the server, `environment` further variables from its next start on. As root it
    runs as an unprivileged user. The kernel ends it when this process dies, whatever kills it; folders of such runs
    are removed by the next one.
    """

    kind: str
    death_signal: signal.Signals
    """Asks the server for an orderly and quick end."""
    password = "test-only"

    def __init__(self, binaries: Binaries, settings: Mapping[str, str] | None = None) -> None:
        self.binaries = binaries
        self.settings = dict(settings or {})
        self.environment: dict[str, str] = {}
        self.port = free_port()
        self._user = pwd.getpwnam(_UNPRIVILEGED) if os.geteuid() == 0 else None
        remove_left_overs()
        self.folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER_PREFIX}{self.kind}-{os.getpid()}-"))
        if self._user:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def prepare(self) -> None:
        """Make an empty data folder."""

    @abstractmethod
    def command(self) -> list[str]:
        """The command that runs the server in the foreground."""

    @abstractmethod
    def try_to_connect(self) -> bool:
        """True when the server takes statements."""

    @abstractmethod
    def create_database(self) -> Database:
        """Return a new, empty database."""

    @abstractmethod
    def drop_database(self, database: Database) -> None:
        """Remove it, with all sessions that still use it."""

    @property
    def pid(self) -> int:
        """Process id of the running server."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start the server and wait until it takes statements; it keeps port and data of an earlier run."""
        if not (self.folder / "data").exists():
            self.prepare()
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(self.command(), stdout=log, stderr=log, **self._child())
        deadline = time.monotonic() + _START_LIMIT
        while not self.try_to_connect():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.kind} does not start:\n{self.log()}")
            time.sleep(0.05)

    def stop(self, how: signal.Signals | None = None) -> None:
        """End the server, in an orderly way or by the signal `how`, and wait for it."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(how or self.death_signal)
        try:
            process.wait(_STOP_LIMIT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def restart(self) -> None:
        """Stop and start it again on the same port with the same data."""
        self.stop()
        self.start()

    def remove(self) -> None:
        """Stop the server and delete its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self) -> str:
        """The end of what the server has written."""
        path = self.folder / "server.log"
        return path.read_text(errors="replace")[-4000:] if path.exists() else ""

    def give(self, name: str, content: bytes) -> Path:
        """Write a file into the server's folder that the server may read, and nobody else."""
        path = self.folder / name
        path.write_bytes(content)
        path.chmod(0o600)
        if self._user:
            os.chown(path, self._user.pw_uid, self._user.pw_gid)
        return path

    def run(self, *command: str | Path) -> None:
        """Run one of the server's programs as the server's user and wait. Raises RuntimeError with its output."""
        done = subprocess.run(
            list(map(str, command)),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            **self._child(),
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed:\n{done.stdout.decode(errors='replace')}")

    def _child(self) -> dict[str, Any]:
        child: dict[str, Any] = {
            "cwd": self.folder,
            "env": self.binaries.environment() | self.environment,
            "preexec_fn": _dying_with(os.getpid(), self.death_signal),
        }
        if self._user:
            child |= {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}
        return child


def _dying_with(parent: int, death_signal: signal.Signals) -> Callable[[], None]:
    """Return what a child does before it becomes the server: ask the kernel for `death_signal` when we die.

    The signal is bound to the thread that starts the server, so servers are started by the main thread.
    """
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def prepare() -> None:
        prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        os.setsid()  # Ctrl-C at the terminal is for the tests alone
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return prepare


def remove_left_overs() -> None:
    """Delete the folders of servers whose test process was killed."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER_PREFIX}*"):
        pid = folder.name.split("-")[-2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            shutil.rmtree(folder, ignore_errors=True)
