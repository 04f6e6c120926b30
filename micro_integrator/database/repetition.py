"""Send a statement again that the database has turned away for the moment."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from micro_integrator.database.errors import Retryable
from micro_integrator.kit import Clock, SystemClock, backoff

ATTEMPTS = 5
_FIRST_DELAY, _LONGEST_DELAY = 0.02, 0.5

T = TypeVar("T")


async def retrying(action: Callable[[], Awaitable[T]], clock: Clock | None = None) -> T:
    """Return the result of `action`, called up to ATTEMPTS times while it raises Retryable, with jitter.

    Raises the last Retryable, and everything else at once.
    """
    clock = clock or SystemClock()
    delays = backoff(_FIRST_DELAY, _LONGEST_DELAY)
    for _ in range(ATTEMPTS - 1):
        try:
            return await action()
        except Retryable:
            await clock.sleep(next(delays))
    return await action()
