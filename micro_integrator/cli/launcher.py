"""A node's life as seen from a terminal: run, start, stop, restart, status.

The announcement beside the pid file is the only thing both sides look at: who starts in the background waits
until the node announces `started`, who stops waits until the announced process is gone.
"""

import atexit
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from micro_integrator.cli.arguments import Arguments
from micro_integrator.cli.background import arguments_of, end_of_console, spawn
from micro_integrator.cli.libraries import offer_libraries
from micro_integrator.cli.places import pid_file
from micro_integrator.server import Announcement, read_announcement

START_LIMIT = 60.0
"""Seconds `start` waits unless told otherwise."""
STOP_MARGIN = 10.0
"""Seconds `stop` grants beyond what the node grants itself."""

_POLL = 0.05


def run(wanted: Arguments, home: Path) -> int:
    """Run a node in this process until it is told to stop."""
    # as process 1 of a container this process would not hear a TERM that comes before the loop does
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(0))
    if (port := wanted.port("--debug")) is not None and not _await_debugger(port):
        return 1
    from micro_integrator.config import ConfigurationErrors, load

    try:
        settings = load(home, properties=wanted.properties, environ=os.environ)
    except ConfigurationErrors as errors:
        print(errors, file=sys.stderr)
        return 3
    offer_libraries(home)
    from micro_integrator.observability import flush
    from micro_integrator.server import run_daemon, running

    end = _QuickEnd(flush)
    end.code = code = run_daemon(settings, running)
    return code


class _QuickEnd:
    """Ends the process as soon as its exit functions have run.

    All that is left to the interpreter then is to take its heap apart, which costs up to half a second.
    """

    def __init__(self, flush: Callable[[], object]) -> None:
        self.code: int | None = None
        self._flush = flush
        atexit.register(self._end)  # the functions of users' classes are registered later and run before

    def _end(self) -> None:
        if self.code is None:  # an error or an early TERM: the interpreter knows the exit code
            return
        self._flush()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(self.code)


def start(wanted: Arguments, home: Path) -> int:
    """Run a node in the background; return 0 as soon as it has started."""
    limit = wanted.seconds("--wait", START_LIMIT)
    if (node := read_announcement(pid_file(home))) is not None:
        print(f"Already running: process {node.process.pid}", file=sys.stderr)
        return 4
    try:
        process, console = spawn(wanted, home)
    except OSError as error:
        print(f"Not started: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1

    def is_settled() -> bool:
        return process.poll() is not None or _has_started(process.pid, home)

    _wait(is_settled, limit)
    if process.poll() is None and _has_started(process.pid, home):
        print(f"Started: process {process.pid}")
        return 0
    if process.poll() is None:
        print(f"Process {process.pid} is still starting after {limit:g} s; see {console}", file=sys.stderr)
        return 1
    print(f"The node ended with exit code {process.returncode}:\n{end_of_console(console)}", file=sys.stderr)
    return 4 if read_announcement(pid_file(home)) else 1


def stop(wanted: Arguments, home: Path) -> int:
    """Ask the node to stop and wait for its end."""
    node = read_announcement(pid_file(home))
    if node is None:
        print(f"No node runs in {home}")
        return 5
    limit = wanted.seconds("--timeout", node.stop_timeout + STOP_MARGIN)
    try:
        return _stop(node, limit, is_forced="--force" in wanted.options)
    except PermissionError:
        print(f"Process {node.process.pid} belongs to another user", file=sys.stderr)
        return 6


def restart(wanted: Arguments, home: Path) -> int:
    """Stop the node if there is one; start it with its former properties, the ones given now on top."""
    if (node := read_announcement(pid_file(home))) is not None:
        former = arguments_of(node.process.pid)
        wanted.properties = former.properties | wanted.properties
        wanted.options = former.options | wanted.options
        if (code := stop(wanted, home)) not in (0, 5):
            return code
    return start(wanted, home)


def _stop(node: Announcement, limit: float, *, is_forced: bool) -> int:
    process = node.process
    with suppress(ProcessLookupError):  # it may end by itself at any moment
        os.kill(process.pid, signal.SIGTERM)
        if not _wait(lambda: not process.is_alive(), limit) and is_forced:
            os.kill(process.pid, signal.SIGKILL)
            _wait(lambda: not process.is_alive(), STOP_MARGIN)
    if process.is_alive():
        print(f"Process {process.pid} is still alive after {limit:g} s", file=sys.stderr)
        return 6
    print(f"Stopped: process {process.pid}")
    return 0


def _has_started(pid: int, home: Path) -> bool:
    node = read_announcement(pid_file(home))
    return node is not None and node.process.pid == pid and node.state == "started"


def _wait(is_true: Callable[[], bool], limit: float) -> bool:
    """Look again and again for at most `limit` seconds; return what was seen last."""
    until = time.monotonic() + limit
    while not is_true():
        if time.monotonic() >= until:
            return False
        time.sleep(_POLL)
    return True


def _await_debugger(port: int) -> bool:
    try:
        debugpy = import_module("debugpy")
    except ImportError:
        print(f"--debug needs debugpy: {sys.executable} -m pip install debugpy", file=sys.stderr)
        return False
    debugpy.listen(("127.0.0.1", port))
    print(f"Waiting for a debugger on 127.0.0.1:{port} ...", file=sys.stderr)
    debugpy.wait_for_client()
    return True
