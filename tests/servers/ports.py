"""Ports for servers that tests start."""

import random
import socket
from pathlib import Path


def free_port() -> int:
    """Return a free port that the system gives to no outgoing connection: it stays free until a server takes it."""
    lowest = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    candidates = range(12_000, lowest) if lowest > 16_000 else range(12_000, 65_536)
    while True:
        port = random.choice(candidates)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
