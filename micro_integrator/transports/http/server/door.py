"""The port a client has come in by."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(slots=True, eq=False)
class Door:
    """What requests of one port have in common."""

    scheme: str
    """`http` or `https`."""
    server: str
    """The name of this node, for requests that name no host."""
    port: int
    left: Callable[[], None]
    """Called when a client has gone."""
