"""The last word on stopping: a stop that takes too long is ended, whatever it is waiting for."""

import asyncio
import os
import threading
from collections.abc import Callable

from micro_integrator.observability import flush, get_logger
from micro_integrator.server.dumps import unfinished

log = get_logger("CoreServerInitializer")


class ShutdownTimer:
    """Ends the process with exit code 1 after `seconds`, naming what was still running.

    It is a thread: an event loop that hangs cannot hold it up. Once armed it is never disarmed, because a
    thread that ignores the stop may outlive the loop; the end of the process is the end of the timer.
    """

    def __init__(
        self, seconds: float | None, loop: asyncio.AbstractEventLoop, farewell: Callable[[], None]
    ) -> None:
        """`seconds` None: wait for ever. `farewell` runs just before the end, to remove the pid file."""
        self._seconds, self._loop, self._farewell = seconds, loop, farewell
        self._is_armed = False

    def arm(self) -> None:
        """Start counting; the second call changes nothing."""
        if self._seconds is None or self._is_armed:
            return
        self._is_armed = True
        timer = threading.Timer(self._seconds, self._expire)
        timer.daemon = True
        timer.start()

    def _expire(self) -> None:
        log.error(
            "Not stopped within {seconds} s; ending the process, still running: {names}",
            seconds=self._seconds,
            names=", ".join(unfinished(self._loop)) or "nothing that has a name",
        )
        self._farewell()
        flush()
        os._exit(1)
