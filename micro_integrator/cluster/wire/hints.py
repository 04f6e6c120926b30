"""What is heard over the wire, told to the main loop once each and never faster than it can use it."""

import asyncio
from collections.abc import Callable, Iterable

from micro_integrator.cluster.wire.events import Tell, WireEvents
from micro_integrator.cluster.wire.links import Life
from micro_integrator.cluster.wire.standing import Neighbour
from micro_integrator.kit import boottime


class Coalesced:
    """Passes numbers on: the first at once, of all that follow within `every` seconds the largest."""

    def __init__(self, every: float, pass_on: Callable[[int], None]) -> None:
        self._every, self._pass_on = every, pass_on
        self._largest: int | None = None
        self._pause: asyncio.TimerHandle | None = None

    def offer(self, number: int) -> None:
        """Pass `number` on, now or soon, unless a larger one comes first."""
        self._largest = number if self._largest is None else max(self._largest, number)
        if self._pause is None:
            self._flush()

    def _flush(self) -> None:
        self._pause, number = None, self._largest
        if number is not None:
            self._largest = None
            self._pause = asyncio.get_running_loop().call_later(self._every, self._flush)
            self._pass_on(number)


class Hints:
    """Remembers what has been told, and tells what is new."""

    def __init__(self, events: WireEvents, tell: Tell, look_every: float) -> None:
        self._events, self._tell = events, tell
        self._looks = Coalesced(look_every, lambda seq: tell(events.looked_for, seq))
        self._known_seq = -1
        self._renewals: dict[Life, int] = {}

    def know(self, neighbours: Iterable[Neighbour], seq: int) -> None:
        """A snapshot has shown these renewals and this signal: hearing of them again is no news."""
        self._known_seq = seq
        heard = self._renewals
        self._renewals = {one.life: max(one.renew_seq, heard.get(one.life, -1)) for one in neighbours}

    def renewal(self, life: Life, renew_seq: int) -> None:
        """A member said how far its lease is renewed; who is not in the snapshot has no lease to judge."""
        if renew_seq > self._renewals.get(life, renew_seq):
            self._renewals[life] = renew_seq
            self._tell(self._events.pinged, *life, renew_seq, boottime())

    def look(self, seq: int) -> None:
        """A member said that the signal stands at `seq`."""
        if seq > self._known_seq:
            self._looks.offer(seq)
