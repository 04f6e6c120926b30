"""Networks of their own on one machine, and nodes in them that are containers as far as the kernel is concerned."""

import ctypes
import os
import shlex
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.waiting import LIMIT

_CLONE_NEWNET = 0x40000000
_DIES_WITH_THE_TEST = ["setpriv", "--pdeathsig", "KILL"]
_KEEPS_IT_OPEN = "ip link set lo up && echo there && exec sleep infinity"
_OWN_PROCESSES = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
_CABLE = "wire"


def missing_rights() -> str | None:
    """Return why name spaces cannot be made here; None when they can."""
    tried = subprocess.run(
        ["unshare", "--net", *_OWN_PROCESSES, "ip", "link", "add", _CABLE, "type", "veth"],
        capture_output=True,
        text=True,
        check=False,
    )
    return tried.stderr.strip() or f"exit code {tried.returncode}" if tried.returncode else None


class Network:
    """A network name space: loopback only, until a cable leads to another one. It ends with its block."""

    def __init__(self) -> None:
        self.address = ""
        """What others reach it by."""
        self._keeper = subprocess.Popen(
            [*_DIES_WITH_THE_TEST, "unshare", "--net", "sh", "-c", _KEEPS_IT_OPEN],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._keeper.stdout is not None
        assert self._keeper.stdout.readline() == "there\n"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._keeper.kill()
        self._keeper.communicate(timeout=LIMIT)

    @property
    def file(self) -> str:
        """Names it to `nsenter` and the kernel."""
        return f"/proc/{self._keeper.pid}/ns/net"

    def plug_in(self, other: "Network", address: str, others_address: str) -> None:
        """Lay a cable to `other`, and give both ends an address of one net."""
        ends = [_CABLE, "netns", str(self._keeper.pid), "type", "veth", "peer", _CABLE]
        _run("ip", "link", "add", *ends, "netns", str(other._keeper.pid))
        for network, own in ((self, address), (other, others_address)):
            network.run("ip", "address", "add", f"{own}/24", "dev", _CABLE)
            network.run("ip", "link", "set", _CABLE, "up")
            network.address = own

    def cut(self) -> None:
        """Take the link down, on this side."""
        self.run("ip", "link", "set", _CABLE, "down")

    def mend(self) -> None:
        """Bring the link up again."""
        self.run("ip", "link", "set", _CABLE, "up")

    def run(self, *words: str) -> None:
        """Run a program here. Raises CalledProcessError when it fails."""
        _run("nsenter", f"--net={self.file}", *words)

    def python(self, script: Path) -> str:
        """Write `script`, which runs Python here as the first process of a PID name space; return its path."""
        words = shlex.join(["nsenter", f"--net={self.file}", *_OWN_PROCESSES, sys.executable])
        script.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        script.chmod(0o755)
        return str(script)

    def listening(self, host: str, port: int) -> socket.socket:
        """Return a socket that listens here, whoever accepts its calls."""
        made: list[socket.socket] = []

        def make() -> None:  # a thread has its own network, and takes it to its end
            with Path(self.file).open("rb") as space:
                if ctypes.CDLL(None, use_errno=True).setns(space.fileno(), _CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), self.file)
            made.append(socket.create_server((host, port)))

        visitor = threading.Thread(target=make, name="visitor of a network")
        visitor.start()
        visitor.join()
        assert made, f"nothing listens at {host}:{port} of {self.file}"
        return made[0]


@contextmanager
def two_networks() -> Iterator[tuple[Network, Network]]:
    """Make two networks with a cable between them."""
    with ExitStack() as house:
        one, other = house.enter_context(Network()), house.enter_context(Network())
        one.plug_in(other, "10.77.0.1", "10.77.0.2")
        yield one, other


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True, text=True)
