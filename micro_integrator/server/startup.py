"""How long each phase of the start took, in one line."""

from micro_integrator.kit import boottime
from micro_integrator.observability import get_logger

log = get_logger("StartupFinalizer")


class Phases:
    """A stop-watch with a lap per phase: config, registry, cluster, artifacts, transports."""

    def __init__(self) -> None:
        self._since = boottime()
        self._laps: dict[str, int] = {}

    def done(self, phase: str) -> None:
        """The phase that began with the end of the last one is over."""
        now = boottime()
        self._laps[phase] = round((now - self._since) * 1000)
        self._since = now

    def tell(self) -> None:
        """Log all phases."""
        text = ", ".join(f"{phase} {took} ms" for phase, took in self._laps.items())
        log.info("Start-up phases: {phases}", phases=text)
