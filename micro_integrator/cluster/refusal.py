"""Why a node coordinates nothing although it has a lease: strangers in the group, or a database that went backwards."""

from micro_integrator.cluster.judging import Foreigners
from micro_integrator.cluster.snapshot import Snapshot
from micro_integrator.kit import Reminders
from micro_integrator.observability import get_logger

log = get_logger("ClusterCoordinator")


class Refusal:
    """Stands while one of the two reasons does; the operator reads once a minute what to do."""

    def __init__(self, group_id: str, window: float) -> None:
        self.has_rolled_back = False
        self._group_id = group_id
        self._foreigners = Foreigners(window)
        self._has_foreigners = False
        self._reminders = Reminders()

    @property
    def stands(self) -> bool:
        """Whether nothing may be coordinated."""
        return self.has_rolled_back or self._has_foreigners

    def note(self, snapshot: Snapshot) -> None:
        """Look for foreign members."""
        self._foreigners.note(snapshot)
        self._has_foreigners = self._foreigners.are_present(snapshot.answered_at)

    def remind(self, now: float) -> None:
        """Say why, if it is time to."""
        if self.has_rolled_back and self._reminders.is_due(now, "rollback"):
            log.error(
                "Coordination database went backwards; run 'cluster accept-rollback' when it is the right one"
            )
        if self._has_foreigners and self._reminders.is_due(now, "foreigners"):
            log.error(
                "Group {group} is in use by members that do not hold leases ({names}); refusing to coordinate tasks",
                group=self._group_id,
                names=", ".join(f"[{name}]" for name in sorted(self._foreigners.names)),
            )
