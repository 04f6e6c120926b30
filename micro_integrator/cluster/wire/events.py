"""What the wire tells the main loop: hints, every one of which may be lost, late, doubled or forged."""

from collections.abc import Callable


class WireEvents:
    """Every call arrives in the main loop; nothing here may be taken for the truth, which is in the database."""

    def looked_for(self, seq: int) -> None:
        """Somebody has raised the signal to `seq`, which no snapshot here has shown yet: look now."""

    def pinged(self, node_id: str, boot_id: str, renew_seq: int, at: float) -> None:
        """At boot-time second `at` this member was first heard to have confirmed renewal `renew_seq`."""

    def suspected(self, node_id: str, boot_id: str) -> None:
        """My connection to this member ended without a goodbye: read its lease row again."""

    def alive(self, node_id: str, boot_id: str) -> None:
        """The suspected member has answered: suspicion ends."""

    def evidence(self, node_id: str, boot_id: str, reason: str) -> None:
        """The process of this boot id is dead, unless the network lies; `reason` is REFUSED or REPLACED."""

    def no_evidence(self, node_id: str, boot_id: str, reason: str) -> None:
        """The quick questions brought no certainty (once for each suspicion): the lease will decide."""

    def completeness(self, is_complete: bool) -> None:
        """Whether every live member can be told to look: if not, SEQ must be polled."""


Tell = Callable[..., None]
"""Carries a call of an event, with its arguments, into the main loop."""
