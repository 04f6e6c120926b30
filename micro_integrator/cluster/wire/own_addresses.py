"""Reading this host's own addresses from its sockets."""

import contextlib
import socket
from typing import Any

_ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses reserved for documents: no packet is sent to them, the kernel only chooses the way."""


def address_of(connected: Any) -> str | None:
    """Return the local IP address of a connected socket; None for a Unix socket, or none at all."""
    with contextlib.suppress(OSError, AttributeError):
        if connected.family in (socket.AF_INET, socket.AF_INET6):
            return unmapped(connected.getsockname()[0])
    return None


def route_address() -> str | None:
    """Return the address from which this host speaks to the world; None without a default route."""
    for family, elsewhere in _ELSEWHERE:
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as asking:
            asking.connect((elsewhere, 9))
            return address_of(asking)
    return None


def unmapped(host: str) -> str:
    """Return an IPv4 address that a socket for both families shows as IPv6 in its own form."""
    return host.removeprefix("::ffff:") if "." in host else host
