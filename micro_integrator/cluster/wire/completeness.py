"""Whether every live member can be told to look (coordination 8.8): a rule without I/O."""

from collections.abc import Collection


class Completeness:
    """Complete as soon as nobody is missing; incomplete when somebody has been for longer than `patience` seconds."""

    def __init__(self, patience: float) -> None:
        self.is_complete = False
        self._patience = patience
        self._missing_since: float | None = None
        self._is_known = False

    def note(self, missing: Collection[str], now: float) -> bool:
        """Take in who is missing at `now`; True when the state has changed, or is known for the first time."""
        if not missing:
            self._missing_since = None
            return self._turn(is_complete=True)
        if self._missing_since is None:
            self._missing_since = now
        return now - self._missing_since >= self._patience and self._turn(is_complete=False)

    def _turn(self, *, is_complete: bool) -> bool:
        has_changed = self.is_complete is not is_complete or not self._is_known
        self.is_complete, self._is_known = is_complete, True
        return has_changed
