"""Who may speak and where it is written: channels, levels, masks and outputs of this process.

There is one journal, because a process has one console and one set of log files.
"""

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from itertools import chain
from typing import Protocol

from micro_integrator.kit import boottime
from micro_integrator.observability.layouts import Record, console_text
from micro_integrator.observability.levels import DEBUG, INFO, Levels, Names
from micro_integrator.observability.log_files import Console
from micro_integrator.observability.loggers import long_name
from micro_integrator.observability.masking import Masker
from micro_integrator.observability.writer import Writer

AUDIT, CORRELATION, API = "AUDIT_LOG", "correlation", "API_LOGGER"
"""The channels that have files of their own; API is followed by a dot and the name of one."""
UNHEARD: Mapping[str, tuple["Output", ...]] = {API: ()}
"""What is not told again where it stands already."""


class Output(Protocol):
    """Takes records; `Writer` in production, a list in tests."""

    def put(self, record: Record) -> None:
        """Take a record, at once."""
        ...

    def when_written(self, told: Callable[[], object]) -> None:
        """Call `told`, from whatever thread, when all records taken are written or given up."""
        ...

    def close(self) -> None:
        """End after what was taken."""
        ...


class Channel:
    """What all loggers of one name share: its names, its threshold and its outputs."""

    __slots__ = ("names", "outputs", "threshold")

    def __init__(self, names: Names) -> None:
        self.names = names
        self.threshold = INFO
        self.outputs: tuple[Output, ...] = ()


class Journal:
    """Keeps every channel connected to the levels and outputs in force."""

    def __init__(self) -> None:
        self.mask: Callable[[str], str] = Masker()
        self.outputs: tuple[Output, ...] = (Writer(Console(), console_text),)
        self.apart: Mapping[str, tuple[Output, ...]] = UNHEARD
        """Outputs of the channels that do not write where all others do."""
        self._slow: set[Output] = set()
        """Outputs that somebody has waited for in vain, and that are still behind."""
        self._levels = Levels()
        self._configured_root = INFO
        self._channels: dict[Names, Channel] = {}

    def channel(self, short: str, place: str) -> Channel:
        """Return the channel of a logger of this program, made at the first call."""
        return self._channel(Names(short, long_name(short, place), place))

    def dotted_channel(self, name: str) -> Channel:
        """Return the channel with this dotted name: that of a library's logger, or of an API."""
        return self._channel(Names(name, name, name))

    def _channel(self, names: Names) -> Channel:
        found = self._channels.get(names)
        if found is None:
            found = self._channels[names] = Channel(names)
            self._connect(found)
        return found

    def _connect(self, channel: Channel) -> None:
        channel.threshold = self._levels.threshold(channel.names)
        channel.outputs = self.apart.get(channel.names.short.partition(".")[0], self.outputs)

    def _reconnect(self) -> None:
        for channel in tuple(self._channels.values()):
            self._connect(channel)

    def use_outputs(
        self, outputs: tuple[Output, ...], apart: Mapping[str, tuple[Output, ...]] | None = None
    ) -> set[Output]:
        """Send lines to these outputs, and those of some channels apart; return the former ones, still open."""
        former = self._all_outputs()
        self.outputs, self.apart = outputs, UNHEARD if apart is None else apart
        self._slow.clear()
        self._reconnect()
        return former

    def use_levels(self, levels: Levels) -> None:
        """Let these rules decide who is printed."""
        self._levels, self._configured_root = levels, levels.root
        self._reconnect()

    def set_level(self, selector: str, level: int) -> None:
        """Change one rule, or the root."""
        if selector in ("root", "rootLogger"):
            self._levels.root = self._configured_root = level
        else:
            self._levels.rules[selector] = level
        self._reconnect()

    def toggle_debug(self) -> int:
        """Switch the root between DEBUG and its configured level; return what it is now."""
        self._levels.root = self._configured_root if self._levels.root == DEBUG else DEBUG
        self._reconnect()
        return self._levels.root

    def flush(self, timeout: float) -> bool:
        """Block until every output has written; False when one of them took longer than `timeout` seconds."""
        end = boottime() + timeout
        flushed = {output: threading.Event() for output in self._all_outputs()}
        for output, event in flushed.items():
            output.when_written(event.set)
        return all(event.wait(max(0.0, end - boottime())) for event in flushed.values())

    async def written(self, limit: float) -> bool:
        """Wait in the event loop until all ordinary lines are written; False when `limit` seconds were too short.

        An output that was too slow is not waited for again before it has caught up.
        """
        loop = asyncio.get_running_loop()
        waiting = {output: loop.create_future() for output in self.outputs if output not in self._slow}
        for output, future in waiting.items():
            output.when_written(partial(_tell, loop, self._caught_up, output, future))
        if waiting:
            await asyncio.wait(waiting.values(), timeout=limit)
        self._slow.update(output for output, future in waiting.items() if not future.done())
        return not self._slow

    def _caught_up(self, output: Output, future: asyncio.Future[None]) -> None:
        self._slow.discard(output)
        if not future.done():
            future.set_result(None)

    def _all_outputs(self) -> set[Output]:
        return {*self.outputs, *chain.from_iterable(self.apart.values())}


def _tell(loop: asyncio.AbstractEventLoop, what: Callable[..., object], *about: object) -> None:
    with suppress(RuntimeError):  # the loop has been closed: nobody waits any more
        loop.call_soon_threadsafe(what, *about)


journal = Journal()
