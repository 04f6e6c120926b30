"""What one pass did, counted in files, and told at its end."""

from dataclasses import dataclass, field

from micro_integrator.deployment import announcements
from micro_integrator.deployment.catalogue import Application, Version
from micro_integrator.observability import counter, gauge, get_logger

log = get_logger("Deployment")

DEPLOYMENTS = counter("mi_deployments_total", "Files taken, refused and removed", ["result"])
ACTIVE_FILES = gauge("mi_capps_active", "Files of which a version is in force")
FAULTY_FILES = gauge("mi_capps_faulty", "Files whose newest content is not in force")


@dataclass
class Tally:
    """The files of one pass; `began` is the time of its beginning."""

    began: float = 0.0
    added: dict[str, Version] = field(default_factory=dict)
    changed: dict[str, Version] = field(default_factory=dict)
    removed: list[Application] = field(default_factory=list)
    refused: int = 0

    def took(self, version: Version, *, is_update: bool) -> None:
        """Count a version that is in force now."""
        (self.changed if is_update else self.added)[version.path] = version

    def undid(self, path: str) -> None:
        """Count a version that could not begin to work."""
        self.added.pop(path, None)
        self.changed.pop(path, None)

    def tell(self, now: float, *, active: int, faulty: int) -> None:
        """Write the lines of applications and the summary; a pass that did nothing has none."""
        for application in self.removed:
            if application.current is not None:
                announcements.left(application.current)
        for version in (*self.changed.values(), *self.added.values()):
            announcements.taken(version)
        self._measure(active, faulty)
        if self.added or self.changed or self.removed or self.refused:
            log.info(
                "Deployment cycle: +{added} ~{changed} -{removed}, faulty {faulty}, {took_ms:.0f} ms",
                added=len(self.added),
                changed=len(self.changed),
                removed=len(self.removed),
                faulty=faulty,
                took_ms=(now - self.began) * 1000,
            )

    def _measure(self, active: int, faulty: int) -> None:
        DEPLOYMENTS.labels("ok").inc(len(self.added) + len(self.changed))
        DEPLOYMENTS.labels("faulty").inc(self.refused)
        DEPLOYMENTS.labels("removed").inc(len(self.removed))
        ACTIVE_FILES.set(active)
        FAULTY_FILES.set(faulty)
