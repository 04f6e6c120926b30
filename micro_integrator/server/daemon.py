"""A process around a server: event loop, signals, pid file, and an exit code that tells how it went.

0 stopped and nothing was cut off, 1 it could not start or work was cancelled, 3 the configuration is wrong,
121 somebody asked for a restart and whoever watches this process shall start it again.
"""

import asyncio
import errno
import os
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import uvloop

from micro_integrator import PRODUCT
from micro_integrator.config import ConfigurationError, ConfigurationErrors, Settings
from micro_integrator.kit import MicroIntegratorError
from micro_integrator.observability import LevelError, MaskError, get_logger
from micro_integrator.server.announcement import Announcement
from micro_integrator.server.log_outputs import leave_console, open_logs, tell_findings
from micro_integrator.server.pid_file import PidFile, PidFileError
from micro_integrator.server.process_identity import ProcessIdentity
from micro_integrator.server.shutdown_timer import ShutdownTimer
from micro_integrator.server.signals import Signals

log = get_logger("CoreServerInitializer")
startup_log = get_logger("StartupFinalizer")

"""The name operators' tools wait for in the lines of start and stop."""

EXIT_STOPPED, EXIT_FAILED, EXIT_CONFIGURATION, EXIT_RESTART = 0, 1, 3, 121

_IGNORED_VARIABLES = ("JAVA_OPTS", "JVM_MEM_OPTS")


class Server(Protocol):
    """What the daemon asks of the server it keeps running."""

    restart_wanted: bool
    """Somebody asked for a restart; whoever sets it also sends this process a TERM."""

    @property
    def node_id(self) -> str:
        """The id under which the node is known to others."""
        ...

    @property
    def ports(self) -> Mapping[str, int]:
        """Open listeners by name."""
        ...

    async def drain(self) -> bool:
        """Take nothing new and finish what runs; False when something had to be cancelled."""
        ...

    def reload(self) -> None:
        """Read again what may change without a restart. Raises MicroIntegratorError; then nothing changed."""
        ...

    def toggle_debug(self) -> None:
        """Switch the root logger to DEBUG, or back."""
        ...


Running = Callable[[Settings], AbstractAsyncContextManager[Server]]
"""Opens a server: entered, it works; left, everything it held is given back."""


def run_daemon(settings: Settings, running: Running) -> int:
    """Run a server until it is told to stop; return the exit code.

    The process is expected to end right after: signals and the timer of the stop stay as they are.
    """
    pid_file = PidFile(settings.home.pid_file)
    try:
        pid_file.acquire(_announcement(settings))
    except PidFileError as error:
        return _explain(error, settings)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(Daemon(settings, running, pid_file).live())
    finally:
        pid_file.release()


class Daemon:
    """One life of a server inside the running event loop."""

    def __init__(self, settings: Settings, running: Running, pid_file: PidFile) -> None:
        self._settings, self._running, self._pid_file = settings, running, pid_file
        self._stop_wanted = asyncio.Event()
        self._server: Server | None = None

    async def live(self) -> int:
        """Start, serve, stop; never raises."""
        loop = asyncio.get_running_loop()
        self._life = asyncio.current_task()
        self._timer = ShutdownTimer(_stop_timeout(self._settings), loop, self._pid_file.release)
        Signals(loop, self._pid_file.release).listen(stop=self._stop, reload=self._reload, debug=self._debug)
        try:
            open_logs(self._settings)
            tell_findings(self._settings)
            _mention_ignored_variables(os.environ)
            return await self._serve()
        except asyncio.CancelledError:
            if not self._stop_wanted.is_set():
                raise
            log.info("Stopped before the start was complete")
            return EXIT_STOPPED
        except Exception as error:
            self._timer.arm()
            return _explain(error, self._settings)

    async def _serve(self) -> int:
        async with self._running(self._settings) as server:
            self._report_started(server)
            await self._stop_wanted.wait()
            is_clean = await server.drain()
        log.info("Micro Integrator Shutdown complete")
        if not is_clean:
            return EXIT_FAILED
        return EXIT_RESTART if server.restart_wanted else EXIT_STOPPED

    def _report_started(self, server: Server) -> None:
        self._server = server
        age = ProcessIdentity.mine().age()
        startup_log.info("{product} started in {seconds:.2f} seconds", product=PRODUCT, seconds=age)
        self._pid_file.announce(state="started", node_id=server.node_id, ports=dict(server.ports))
        leave_console(self._settings)

    def _stop(self) -> None:
        log.info("Gracefully shutting down {product}...", product=PRODUCT)
        self._timer.arm()
        self._pid_file.announce(state="stopping")
        self._stop_wanted.set()
        if self._server is None and self._life is not None:
            self._life.cancel()

    def _reload(self) -> None:
        if self._server is None:
            log.info("Not reloaded: the node is still starting and reads its files anyway")
            return
        try:
            self._server.reload()
        except MicroIntegratorError as error:
            log.warning("Not reloaded, the former settings stay in force: {error}", error=error)

    def _debug(self) -> None:
        if self._server is not None:
            self._server.toggle_debug()


def _announcement(settings: Settings) -> Announcement:
    return Announcement(
        process=ProcessIdentity.mine(),
        state="starting",
        node_id=settings.cluster_config.node_id,
        stop_timeout=settings.server.graceful_shutdown_timeout,
    )


def _stop_timeout(settings: Settings) -> float | None:
    return settings.server.graceful_shutdown_timeout if settings.server.graceful_shutdown_enabled else None


def _mention_ignored_variables(environ: Mapping[str, str]) -> None:
    if found := [name for name in _IGNORED_VARIABLES if environ.get(name)]:
        log.info("{names} ignored: there is no Java virtual machine here", names=" and ".join(found))


def _explain(error: Exception, settings: Settings) -> int:
    """Log why the server ended, in one line if that was foreseen; return the exit code."""
    match error:
        case ConfigurationErrors() | ConfigurationError() | LevelError() | MaskError():
            log.error("{error}", error=error)
            return EXIT_CONFIGURATION
        case OSError(errno=errno.EADDRINUSE):
            log.error("{error}. {remedy}", error=error, remedy=another_offset(settings))
        case MicroIntegratorError() | OSError():
            log.error("The node stops: {error}", error=error)
        case _:
            log.error("The node stops, for a reason nobody foresaw: {error}", error=error, exc_info=error)
    return EXIT_FAILED


def another_offset(settings: Settings) -> str:
    """Return the sentence that helps when a port is taken: the command line that moves all of them."""
    offset = settings.server.offset + 10
    return f"A second node on this machine needs other ports: bin/micro-integrator.sh -DportOffset={offset}"
