"""How many messages may be under way: a place is taken at once, or waited for in the order of asking."""

import asyncio
from collections import deque


class Places:
    """A number of places; who takes one gives it back."""

    __slots__ = ("_free", "_waiting")

    def __init__(self, number: int) -> None:
        self._free = number
        self._waiting: deque[asyncio.Future[None]] = deque()

    def take_now(self) -> bool:
        """Take a place if one is free; False when all are taken."""
        if self._free <= 0:
            return False
        self._free -= 1
        return True

    async def take(self) -> None:
        """Take a place, waiting for one."""
        if self.take_now():
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():  # it was given in the very moment
                self.give_back()
            raise

    def give_back(self) -> None:
        """Let the next in line have the place."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._free += 1
