"""What the lease thread gives to the main loop: the right to act, and news of it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grant:
    """The right to act: under which boot id, and until when on this machine's boot-time clock."""

    boot_id: str = ""
    deadline: float = float("-inf")


class LeaseEvents:
    """What the lease thread tells the main loop; every call arrives in the main loop."""

    def joined(self, boot_id: str) -> None:
        """A lease was won under a new boot id."""

    def activated(self, boot_id: str) -> None:
        """The lease row shows ACTIVE: what this boot id owns counts as owned."""

    def fenced(self, boot_id: str) -> None:
        """The deadline has passed, or the lease is lost: stop everything that needs it."""

    def renewed(self, boot_id: str) -> None:
        """A fenced lease was renewed: its fence rows must be read before anything acts again."""

    def went_backwards(self) -> None:
        """The database shows an older state than it has confirmed: nothing may be coordinated on it."""
