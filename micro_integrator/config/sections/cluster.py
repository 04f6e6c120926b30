"""[cluster_config]: how this node takes part in the cluster."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from micro_integrator.config.keys import key, section
from micro_integrator.config.kinds import (
    boolean,
    choice,
    filled,
    integer,
    milliseconds,
    plain_id,
    port,
    switch,
)

_FAST = {"heart_beat_interval": 0.5, "heart_beat_max_retry": 6}


def new_node_id() -> str:
    """Return a node id for a process that was given none."""
    return str(uuid4())


@section("cluster_config")
class ClusterSettings:
    """How this node takes part in the cluster; the heart-beat values should be equal on all nodes.

    A `[[datasource]]` with the id `WSO2_COORDINATION_DB` turns coordination on; nothing else does.
    """

    node_id: str = key(
        new_node_id,
        kind=plain_id,
        properties=("nodeId",),
        environment=("nodeId", "NODE_ID"),
        doc="name of this node, unique in its group; default: random at every start",
    )
    group_id: str = key(
        "default",
        kind=plain_id,
        properties=("localGroupId",),
        environment=("localGroupId",),
        doc="name of the cluster; several may share one database",
    )
    heart_beat_interval: float = key(
        5000,
        kind=milliseconds(at_least=100),
        aliases=("heartBeatInterval",),
        properties=("heartBeatInterval",),
        environment=("heartBeatInterval",),
        doc="milliseconds between snapshots of the cluster",
    )
    heart_beat_max_retry: int = key(
        3,
        kind=integer(at_least=1, at_most=1000),
        aliases=("heartbeatMaxRetry",),
        properties=("heartbeatMaxRetry",),
        environment=("heartbeatMaxRetry",),
        doc="intervals of silence after which other nodes take over",
    )
    profile: str | None = key(
        None,
        kind=choice("fast"),
        doc="`fast`: 500 ms and 6 for the two heart-beat keys, unless they are given",
    )
    fast_takeover: bool = key(
        "on", kind=switch, doc="take over from a dead node on evidence; off: when its lease has expired"
    )
    wire_port: int = key(9192, kind=port, doc="base port of the wire between members; 0 takes any free port")
    endpoint: str | None = key(
        None,
        kind=filled,
        doc="`host[:port]` that peers use; `none`: no wire; default: address of the lease connection",
    )
    create_tables: bool | None = key(
        None, kind=boolean, doc="create missing tables at start; default: true on SQLite, else false"
    )
    required: bool = key(
        False, kind=boolean, doc="refuse to start without the datasource `WSO2_COORDINATION_DB`"
    )

    @property
    def window(self) -> float:
        """W: seconds of silence after which other nodes may take this node's tasks."""
        return self.heart_beat_interval * self.heart_beat_max_retry

    @classmethod
    def complete(cls, given: dict[str, Any]) -> None:
        """Let a profile stand for the heart-beat values that were not given."""
        if given.get("profile") == "fast":
            given.update({name: value for name, value in _FAST.items() if name not in given})

    def remarks(self) -> Iterator[str]:
        """Warn when a freeze that every machine knows would already cost the lease."""
        if self.window < 1:
            yield (
                f"heart_beat_interval x heart_beat_max_retry is only {self.window * 1000:g} ms: "
                "a short pause of this machine will move its tasks; 3000 ms or more is advised"
            )
