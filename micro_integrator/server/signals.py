"""How operators speak to a running process: TERM and INT stop, HUP reload, USR1 dump, USR2 debug."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

from micro_integrator.observability import get_logger
from micro_integrator.server.dumps import describe_work

log = get_logger("Dump")

STOPPING = (signal.SIGTERM, signal.SIGINT)


class Signals:
    """Turns signals into calls on the event loop; the second signal to stop ends the process at once."""

    def __init__(self, loop: asyncio.AbstractEventLoop, farewell: Callable[[], None]) -> None:
        """`farewell` runs before a forced end, to remove the pid file."""
        self._loop, self._farewell = loop, farewell

    def listen(
        self, *, stop: Callable[[], None], reload: Callable[[], None], debug: Callable[[], None]
    ) -> None:
        """Install the handlers; `stop` is called once, the others at each signal."""
        for number in STOPPING:
            self._loop.add_signal_handler(number, self._stop_once, stop)
        self._loop.add_signal_handler(signal.SIGHUP, reload)
        self._loop.add_signal_handler(signal.SIGUSR2, debug)
        signal.signal(signal.SIGUSR1, self._dump)

    def _stop_once(self, stop: Callable[[], None]) -> None:
        for number in STOPPING:
            self._loop.remove_signal_handler(number)
            # not by way of the loop: who asks twice may be asking because the loop hangs
            signal.signal(number, self._force)
        stop()

    def _force(self, number: int, frame: FrameType | None) -> None:
        self._farewell()
        os.write(2, b"Stopped by force: work that was still running is cut off.\n")
        os._exit(1)

    def _dump(self, number: int, frame: FrameType | None) -> None:
        # a thread of its own: the one interrupted here may hold what writing a log line needs
        threading.Thread(target=self._log_work, name="dump", daemon=True).start()

    def _log_work(self) -> None:
        for line in describe_work(self._loop):  # a log line each: line breaks inside one are made visible
            log.info("{line}", line=line)
