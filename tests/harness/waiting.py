"""Waiting for something to be seen, never for time to pass."""

import time
from collections.abc import Callable

LIMIT = 40.0
"""Seconds until a test gives up. Generous: the machine may be busy, and who waits in vain has failed anyway."""


def wait_until(is_true: Callable[[], object], what: Callable[[], str] | str, within: float = LIMIT) -> None:
    """Return as soon as `is_true` says so; fails with `what` was waited for."""
    until = time.monotonic() + within
    while not is_true():
        if time.monotonic() > until:
            raise AssertionError(f"not seen within {within:g} s: {what if isinstance(what, str) else what()}")
        time.sleep(0.02)
