"""How far the exchanges of one connection come, told in the correlation log stage by stage."""

from micro_integrator.kit import boottime
from micro_integrator.observability import record_state
from micro_integrator.transports.http.failure import Stage


class Stages:
    """Tells each stage once; nobody goes back but by beginning another exchange."""

    __slots__ = ("_connection", "_correlation_id", "_method", "_since", "_url", "stage")

    def __init__(self, connection: str) -> None:
        """`connection` is what it is called in the log."""
        self._connection, self._method, self._url, self._correlation_id = connection, "", "", ""
        self._since = 0.0
        self.stage = Stage.CLOSED
        """The one that was told last; CLOSED before the first exchange."""

    def begin(self, method: str, url: str, correlation_id: str) -> None:
        """Another exchange begins."""
        self._method, self._url, self._correlation_id = method, url, correlation_id
        self.stage, self._since = Stage.REQUEST_READY, boottime()
        self.come_to(Stage.REQUEST_HEAD)

    def come_to(self, stage: Stage) -> None:
        """Tell `stage`, unless it or a later one was told."""
        if stage <= self.stage:
            return
        now = boottime()
        record_state(
            self._connection,
            self._method,
            self._url,
            stage.name,
            round((now - self._since) * 1000),
            correlation_id=self._correlation_id,
        )
        self.stage, self._since = stage, now
