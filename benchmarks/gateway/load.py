"""Load: as many requests as a number of connections can carry one after the other, counted by wrk."""

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gateway.peers import Peer
from benchmarks.gateway.stage import OTHER_CORE, on_core, tree_cpu_seconds

_SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Shot:
    """What a peer did under load for some seconds."""

    requests: int
    cpu: float
    """Seconds of processor time it used."""
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Requests per second of processor time."""
        return self.requests / self.cpu


def shoot(peer: Peer, path: str, body: bytes, media_type: str, *, connections: int, seconds: int) -> Shot:
    """Post `body` to `path` over and over. Raises RuntimeError when a request fails."""
    with tempfile.NamedTemporaryFile(prefix="mi-bench-") as file:
        file.write(body)
        file.flush()
        url = f"http://127.0.0.1:{peer.port}{path}"
        size = ("-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "30s")
        before = tree_cpu_seconds(peer.pid)
        with on_core(OTHER_CORE):
            said = subprocess.run(
                ["wrk", *size, "-s", _SCRIPT, url, "--", file.name, media_type],
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        cpu = tree_cpu_seconds(peer.pid) - before
    seen = json.loads(said.splitlines()[-1])
    if seen.pop("failed"):
        raise RuntimeError(f"{peer.name} failed under load:\n{said}")
    return Shot(cpu=cpu, **seen)
