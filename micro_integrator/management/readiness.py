"""Whether this node should get traffic, and whether it has started: set by others, read by the probes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

STARTING = "starting"
STOPPING = "stopping"
NOT_JOINED = "not ready, cluster: not joined"
NOT_DEPLOYED = "not ready, deployment pass not finished"
FAULTY = "not ready, faulty CAPPs detected"
READY = "ready"


@dataclass
class Readiness:
    """A handful of facts; every part of the server that knows one sets it here, nobody asks further."""

    version: str
    status_code: int = 503
    """HTTP status of *not ready* (500 in the reference)."""
    ignore_faulty_capps: bool = False
    require_coordination: bool = False
    """Whether a node that has lost the coordination database is not ready."""
    starting: bool = True
    """Until the ports are open and activation is done."""
    stopping: bool = False
    """From the first moment of the shutdown on."""
    deployed: bool = False
    """Whether the first deployment pass is finished."""
    is_joined: Callable[[], bool] = lambda: False
    """Whether this node has a valid lease, or needs none."""
    faulty: Sequence[str] = ()
    """File names of faulty applications."""

    def status(self) -> str:
        """Return `ready`, or the first reason against it."""
        if self.stopping:
            return STOPPING
        if self.starting:
            return STARTING
        if self.require_coordination and not self.is_joined():
            return NOT_JOINED
        if not self.deployed:
            return NOT_DEPLOYED
        if self.faulty and not self.ignore_faulty_capps:
            return FAULTY
        return READY

    @property
    def is_ready(self) -> bool:
        """Whether the node should get traffic."""
        return self.status() == READY

    @property
    def has_started(self) -> bool:
        """Whether the first deployment pass is finished and the ports are open."""
        return self.deployed and not self.starting

    def answer(self) -> tuple[int, dict[str, object]]:
        """Return HTTP status and body of the readiness probe."""
        status = self.status()
        body: dict[str, object] = {"version": self.version, "update_level": "-", "status": status}
        if status == FAULTY:
            body["Faulty CAPPs"] = list(self.faulty)
        return (200 if status == READY else self.status_code), body
