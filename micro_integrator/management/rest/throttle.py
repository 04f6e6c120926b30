"""Guessing passwords made slow: too many failures close the door to one user at one address. ◇"""

from dataclasses import dataclass, field

Caller = tuple[str, str]
"""User name and address."""


@dataclass(slots=True)
class _Failures:
    at: list[float] = field(default_factory=list)
    closed_until: float = 0.0


class Throttle:
    """Counts failed logins; times are seconds of a monotonic clock, passed in."""

    def __init__(self, *, limit: int = 5, window: float = 60.0, remembered: int = 10_000) -> None:
        """Remember: `limit` failures within `window` seconds close the door for as long again.

        At most `remembered` callers are counted, the latest ones: an attacker who invents names costs no memory.
        """
        self._limit, self._window, self._remembered = limit, window, remembered
        self._failures: dict[Caller, _Failures] = {}

    def seconds_closed(self, caller: Caller, now: float) -> float:
        """Return for how long `caller` has to wait; 0 = the door is open."""
        found = self._failures.get(caller)
        return max(0.0, found.closed_until - now) if found is not None else 0.0

    def failed(self, caller: Caller, now: float) -> bool:
        """Count a failure; returns whether it closes the door."""
        found = self._failures.pop(caller, None) or _Failures()
        self._failures[caller] = found  # the latest one stands last
        found.at = [one for one in found.at if now - one < self._window] + [now]
        if len(found.at) >= self._limit:
            found.at, found.closed_until = [], now + self._window
        if len(self._failures) > self._remembered:
            del self._failures[next(iter(self._failures))]
        return found.closed_until > now

    def succeeded(self, caller: Caller) -> None:
        """Forget the failures of `caller`."""
        self._failures.pop(caller, None)
