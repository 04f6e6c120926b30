"""New correlation ids: UUIDs of version 8, a random beginning for the process and a counted end. ◇"""

import secrets
from collections.abc import Callable
from itertools import count


def correlation_ids() -> Callable[[], str]:
    """Return what makes ids that nobody else makes; far cheaper than a random UUID for every request."""
    beginning = secrets.token_hex(9)
    variant = "89ab"[int(beginning[15], 16) & 3]
    prefix = f"{beginning[:8]}-{beginning[8:12]}-8{beginning[12:15]}-{variant}{beginning[15:18]}-"
    following = count(1).__next__

    def fresh() -> str:
        return f"{prefix}{following():012x}"

    return fresh
