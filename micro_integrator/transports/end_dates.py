"""Own certificates that end soon, or have ended: told once a day, as long as nobody has replaced them."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from micro_integrator.config import KeyStoreSettings
from micro_integrator.kit import Reminders, boottime, wall_ms
from micro_integrator.observability import get_logger
from micro_integrator.transports.key_store import KeyStoreError, end_of

SOON = 14
"""Days before its end a certificate is spoken of."""

_DAY = 86_400.0

log = get_logger("KeyStore")


class EndDates:
    """When the certificates of one listener or sender end."""

    def __init__(self, owner: str) -> None:
        """`owner` is who shows the certificates, for the log."""
        self._owner = owner
        self._ends: dict[str, float] = {}
        self._reminders = Reminders(every=_DAY)

    def note(self, stores: Iterable[KeyStoreSettings], home: Path) -> None:
        """Read when the certificates of these key stores end, in place of former ones. Blocks."""
        self._ends = {}
        for store in stores:
            if store.file_name is not None:
                try:
                    self._ends[store.file_name] = end_of(store, home)
                except KeyStoreError as error:  # whoever shows it could use it: only its date is not known
                    log.debug("{error}", error=error)

    def tell(self) -> None:
        """Log those that clients or servers refuse, or soon will; each of them once a day."""
        now = wall_ms() / 1000
        for file, end in self._ends.items():
            left = end - now
            if left < SOON * _DAY and self._reminders.is_due(boottime(), (file, end)):
                self._say(file, end, left)

    def _say(self, file: str, end: float, left: float) -> None:
        date = datetime.fromtimestamp(end, UTC).isoformat(" ", "minutes")
        if left <= 0:
            text = "The certificate of the {owner} in {file} ended on {date}: it is refused; replace the file"
            log.error(text, owner=self._owner, file=file, date=date)
        else:
            text = "The certificate of the {owner} in {file} ends on {date}, in {days} days: replace the file"
            log.warning(text, owner=self._owner, file=file, date=date, days=int(left / _DAY))
