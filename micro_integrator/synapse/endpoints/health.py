"""The state of one endpoint in use: asked before each message, told afterwards, changes logged and counted."""

from datetime import UTC, datetime
from typing import NamedTuple

from micro_integrator.kit import Clock, SystemClock, wall_ms
from micro_integrator.observability import gauge, get_logger, histogram
from micro_integrator.synapse.endpoints import state as states
from micro_integrator.synapse.endpoints.state import Rules, State, Status

log = get_logger("EndpointContext")

_latency = histogram(
    "mi_endpoint_latency_seconds", "From sending a request to its whole answer", ["endpoint"]
)
_status = gauge("mi_endpoint_state", "0 active, 1 suspended, 2 timeout, 3 off", ["endpoint"])
_SHOWN = {Status.ACTIVE: 0, Status.SUSPENDED: 1, Status.TIMEOUT: 2, Status.OFF: 3}


class Admission(NamedTuple):
    """The permission to send one message; whoever has it reports how that went."""

    sent_at: float
    is_probe: bool


class Health:
    """Keeps the state; all messages of an endpoint share it."""

    def __init__(self, name: str, rules: Rules, clock: Clock | None = None) -> None:
        self._name, self._rules, self._clock = name, rules, clock or SystemClock()
        self._state = states.ACTIVE
        self._latency = _latency.labels(name)
        self._gauge = _status.labels(name)
        self._shown: Status | None = (
            None  # not before it is used: a definition may be read and never be in force
        )

    @property
    def status(self) -> Status:
        """The state at present."""
        return self._state.status

    def admit(self) -> Admission | None:
        """Return the permission to send a message now, None when the endpoint is not ready."""
        now = self._clock.now()
        if self._state is states.ACTIVE:
            return Admission(now, False)
        state = states.admitted(self._state, self._rules, now)
        if state is None:
            return None
        self._state = state
        return Admission(now, state.is_probing)

    def seconds_since(self, admission: Admission) -> float:
        """Return how long ago a message was let through."""
        return self._clock.now() - admission.sent_at

    def answered(self, admission: Admission, status: int, address: str) -> None:
        """Tell that a response came. Its HTTP status counts as a failure where the rules list it."""
        self._latency.observe(self._clock.now() - admission.sent_at)
        self._show()
        if status in self._rules.marking or status in self._rules.suspending:
            self.failed(admission, status, address)
        elif self._state.status is not Status.ACTIVE:
            before = self._state.status
            self._become(states.answered(self._state))
            if before is not Status.OFF:
                log.info(
                    "Endpoint : {endpoint} with address {address} currently {status} will now be marked active "
                    "since it processed its last message",
                    endpoint=self._name,
                    address=address,
                    status=before.name,
                )

    def failed(self, admission: Admission, code: int, address: str, shifted: int | None = None) -> None:
        """Tell that no response came, or one that counts as a failure; see `state.failed`."""
        before, now = self._state, self._clock.now()
        after = states.failed(before, self._rules, code, now, sent_at=admission.sent_at, shifted=shifted)
        if after.since == before.since and after.status is before.status:
            self._state = after
            return
        self._become(after)
        named = f"{self._name} with address {address}"
        if after.status is Status.TIMEOUT:
            log.warning(
                "Endpoint : {endpoint} is marked as TIMEOUT and will be retried : {tries} more time/s after : "
                "{date} until its marked SUSPENDED for failure",
                endpoint=named,
                tries=after.tries_left,
                date=_date_in(after.next_try - now),
            )
        else:
            self._tell_suspension(named, before, after, is_marked=self._rules.marks(code, shifted))

    def came_to_nothing(self, admission: Admission) -> None:
        """Tell that the message was not sent after all, or was given up by ourselves."""
        if admission.is_probe:
            self._state = states.unproven(self._state)

    def _become(self, state: State) -> None:
        self._state = state
        self._show()

    def _show(self) -> None:
        status = self._state.status
        if status is not self._shown:
            self._shown = status
            self._gauge.set(_SHOWN[status])

    def _tell_suspension(self, named: str, before: State, after: State, *, is_marked: bool) -> None:
        if is_marked:
            log.info(
                "Endpoint : {endpoint} has been marked for SUSPENSION, but no further retries remain. "
                "Thus it will be SUSPENDED.",
                endpoint=named,
            )
        log.warning("Endpoint : {endpoint} will be marked SUSPENDED as it failed", endpoint=named)
        duration = after.duration or 0.0
        lengths = f"current suspend duration is : {duration * 1000:.0f}ms"
        if before.duration is not None:
            lengths = f"last suspend duration was : {before.duration * 1000:.0f}ms and {lengths}"
        log.warning(
            "Suspending endpoint : {endpoint} - {lengths} - Next retry after : {date}",
            endpoint=named,
            lengths=lengths,
            date=_date_in(duration),
        )


def _date_in(seconds: float) -> str:
    """Return the moment `seconds` from now as ISO 8601, for display; `never` for one that has no date."""
    try:
        return datetime.fromtimestamp(wall_ms() / 1000 + seconds, UTC).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):
        return "never"
