"""Delays for trying again: exponential, with jitter, so that rivals do not march in step."""

import random
from collections.abc import Iterator


def backoff(first: float, cap: float) -> Iterator[float]:
    """Yield seconds to wait before each further attempt, for ever: from 10 to 100 % of min(cap, first x 2^n)."""
    limit = first
    while True:
        yield random.uniform(0.1 * limit, limit)  # noqa: S311 - jitter, not a secret
        limit = min(cap, limit * 2)


def jittered(period: float) -> float:
    """Return `period` seconds shortened by up to 20 %, the jitter of every cluster timer."""
    return period * random.uniform(0.8, 1.0)  # noqa: S311 - jitter, not a secret
