"""Which API a request is for: a tree of contexts, one level for each segment of a path. ◇

The longest context that fits wins; among equals an API with a version goes before one without. A look-up costs as much
as the path has segments in the tree, however many APIs there are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from micro_integrator.observability import get_logger
from micro_integrator.synapse.message import Message
from micro_integrator.synapse.ports import Arrival

if TYPE_CHECKING:
    from micro_integrator.synapse.artifacts.api import Api

log = get_logger("RESTRequestHandler")

PORTS = {"http": 80, "https": 443}
"""The port of a request whose header Host names none, by scheme."""
MAX_DIGITS = 5
"""Digits that a port can have; longer numbers are passed over."""
TRANSPORT_DENIED = "TRANSPORT_DENIED"


@dataclass(slots=True)
class Match:
    """A request, and the API it is for."""

    api: "Api"
    target: str
    """Path and query."""
    rest: str
    """What stands behind context and version, with the query; empty where nothing follows."""
    path: str
    """The same without the query; at least a slash."""
    query: str | None


class _Node:
    __slots__ = ("apis", "children", "length")

    def __init__(self, length: int) -> None:
        self.children: dict[str, _Node] = {}
        self.apis: list[Api] = []
        self.length = length
        """Of the path that leads here."""


class Routes:
    """The contexts of the deployed APIs, made once for each set."""

    __slots__ = ("_root",)

    def __init__(self, apis: Iterable["Api"] = ()) -> None:
        self._root = _Node(0)
        for api in apis:
            if api.is_on_main_listeners:
                self._node_of(api.prefix).apis.append(api)
        for node in _all_below(self._root):
            node.apis.sort(key=lambda api: not api.version)

    def find(self, arrival: Arrival, message: Message) -> Match | None:
        """Return the API for a request, None when there is none; `message` notes an API that refused the protocol."""
        target = arrival.target
        if not target.startswith("/"):
            target = _origin_form(target)
        path, mark, query = target.partition("?")
        for node in self._nodes_on(path):
            for api in node.apis:
                if api.is_open or _admits(api, arrival, message):
                    length = node.length
                    return Match(api, target, target[length:], path[length:] or "/", query if mark else None)
        # several slashes at the beginning are one; looked at last, for it is rare
        if target.startswith("//"):
            return self.find(replace(arrival, target=f"/{target.lstrip('/')}"), message)
        return None

    def _nodes_on(self, path: str) -> list[_Node]:
        """Return the nodes with APIs on the way along `path`, the deepest first."""
        if not path.startswith("/"):
            return []
        node, start, end = self._root, 1, 0
        met = [node] if node.apis else []
        while end >= 0 and (children := node.children):
            end = path.find("/", start)
            child = children.get(path[start:] if end < 0 else path[start:end])
            if child is None:
                break
            if child.apis:
                met.insert(0, child)
            node, start = child, end + 1
        return met

    def _node_of(self, prefix: str) -> _Node:
        node = self._root
        for segment in prefix.split("/")[1:]:
            length = node.length + len(segment) + 1
            node = node.children.setdefault(segment, _Node(length))
        return node


def _admits(api: "Api", arrival: Arrival, message: Message) -> bool:
    if api.hostname and api.hostname.lower() != arrival.host.lower():
        return False
    if api.port is not None and api.port != _port_of(arrival):
        return False
    if api.transport is None or api.transport == arrival.scheme:
        return True
    message.default[TRANSPORT_DENIED] = True
    log.warning(
        "Trying to access API : {api} on restricted transport chanel [{transport}]",
        api=api.api_name,
        transport=arrival.scheme,
    )
    return False


def _port_of(arrival: Arrival) -> int:
    """Return the port a client has asked for, which a balancer in front may have changed."""
    host = arrival.headers.get("host")
    if host is None:
        return arrival.port
    port = host.rpartition("]")[2].rpartition(":")[2] if ":" in host else ""
    return int(port) if port.isdecimal() and len(port) <= MAX_DIGITS else PORTS[arrival.scheme]


def _origin_form(target: str) -> str:
    """Return path and query of a target; a client may have sent a whole URL."""
    if "://" not in target:
        return target
    place = target.partition("://")[2]
    start = min((at for at in (place.find("/"), place.find("?")) if at >= 0), default=len(place))
    rest = place[start:]
    return rest if rest.startswith("/") else f"/{rest}"


def _all_below(node: _Node) -> Iterator[_Node]:
    yield node
    for child in node.children.values():
        yield from _all_below(child)
