"""How long this machine believes in a connection over which nothing comes back."""

import socket
from typing import Any

IDLE, INTERVAL, COUNT = 5, 2, 3
"""Seconds before the first probe, seconds between probes, probes without answer: 11 s to a dead peer."""
UNACKNOWLEDGED_MS = 11_000
"""Milliseconds that sent data may stay unacknowledged."""


def keep_alive(connected: Any) -> None:
    """Set keep-alive and user time-out on a TCP socket (or asyncio's view of one); leave others alone."""
    if connected is None or connected.family not in (socket.AF_INET, socket.AF_INET6):
        return
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", IDLE),
        ("TCP_KEEPINTVL", INTERVAL),
        ("TCP_KEEPCNT", COUNT),
        ("TCP_USER_TIMEOUT", UNACKNOWLEDGED_MS),
    ):
        if hasattr(socket, option):
            connected.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
