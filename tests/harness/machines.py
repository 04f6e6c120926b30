"""A fleet whose nodes pass for machines of their own, with a wire that leads through whatever a test puts there."""

import re
from itertools import combinations
from typing import Self

from servers.ports import free_port

from harness.fleet import Fleet, with_cluster_keys
from harness.group import Group
from harness.home import Home, Settings
from harness.node import Node
from harness.proxy import Proxy
from harness.waiting import wait_until

_OFFSET = 10
"""What a server adds to its ports unless it is told otherwise."""
_DEATH = re.compile(r"Member \[(.+?)\] is dead \((\w+)\)")
_COMPLETENESS = re.compile(r"Wire is (complete|incomplete) ")


class Machines(Fleet):
    """Like a fleet, but each home has a host id and a port for its wire; `advertise` says where others call it.

    `is_walled`: others call it at a proxy of its own, one of `walls`.
    """

    def __init__(
        self, group: Group, size: int, *, settings: Settings | None = None, is_walled: bool = False
    ) -> None:
        super().__init__(group, size, settings=settings, is_wired=True)
        self.ports: dict[str, int] = {}
        """Home → port of its liveness socket."""
        self.walls: dict[str, Proxy] = {}
        """Home → what stands before that socket."""
        self._is_walled = is_walled

    def __enter__(self) -> Self:
        super().__enter__()
        for home in self.homes:
            self.ports[home.name] = free_port()
            self.words[home.name] = (f"-Dmi.host.id={home.name}",)
            self.advertise(home, self._wall(home) if self._is_walled else self.ports[home.name])
        return self

    def _wall(self, home: Home) -> int:
        self.walls[home.name] = self._open.enter_context(Proxy(self.ports[home.name], is_wire=True))
        return self.walls[home.name].port

    def advertise(self, home: Home, port: int) -> None:
        """Let the next life of `home` tell the others to call `port`, whoever listens there."""
        wire = {"wire_port": self.ports[home.name] - _OFFSET, "endpoint": f"127.0.0.1:{port}"}
        home.configure(home.name, self.proxied(home), with_cluster_keys(self._settings, **wire))

    # what is seen

    def deaths(self) -> list[tuple[str, str]]:
        """Return who was taken for dead, and why, each as often as it was said."""
        return _DEATH.findall(self.group.log())

    def evicted_alive(self) -> list[str]:
        """Return the homes whose nodes say that they were evicted while alive, each as often as it is said."""
        return [
            home.name
            for home in self.homes
            for _ in said(home, " WARN {LeaseManager}", "was evicted while alive")
        ]

    def endpoints(self) -> dict[str, str | None]:
        """Return node id → ENDPOINT of its lease."""
        return dict(self.group.rows("SELECT NODE_ID, ENDPOINT FROM MI_NODE_LEASE"))

    def wait_complete(self) -> None:
        """Wait until all nodes are connected with each other, as far as they say."""
        wait_complete(self)


def wait_complete(fleet: Fleet) -> None:
    """Wait until every two nodes have been connected, in either direction, and no wire is called incomplete."""
    pairs = list(combinations(fleet.homes, 2))
    wait_until(
        lambda: (
            all(is_complete(home.lives[-1]) for home in fleet.homes)
            and all(_are_connected(one, other) for one, other in pairs)
        ),
        lambda: f"complete wires:\n{fleet.group.log()}",
    )


def _are_connected(one: Home, other: Home) -> bool:
    return any(
        caller.lives[-1].lines(f"Wire to member [{called.name}] is up")
        for caller, called in ((one, other), (other, one))
    )


def said(home: Home, *texts: str) -> list[str]:
    """Return the lines with all `texts` that any life of `home` has printed."""
    return [line for node in home.lives for line in node.lines(*texts)]


def is_complete(node: Node) -> bool:
    """Whether the last word of `node` about its wire was that it is complete."""
    told = _COMPLETENESS.findall(node.log())
    return bool(told) and told[-1] == "complete"
