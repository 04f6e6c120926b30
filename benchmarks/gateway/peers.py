"""Who is measured: each peer is started on the proxies' core, for one flow and one back end."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.gateway import nginx
from benchmarks.gateway.flows import Flow
from benchmarks.gateway.product import deploy_flow, running_product
from benchmarks.gateway.stage import PROXY_CORE, free_port, running


@dataclass(frozen=True)
class Peer:
    """A proxy that listens."""

    name: str
    pid: int
    port: int


Start = Callable[[Flow, int, Path], AbstractContextManager[Peer]]
"""Called with a flow, the port of the back end and a folder of its own."""


@contextmanager
def _nginx(_flow: Flow, back_end: int, folder: Path) -> Iterator[Peer]:
    with nginx.proxy(folder, back_end) as (pid, port):
        yield Peer("nginx", pid, port)


@contextmanager
def _product(flow: Flow, back_end: int, folder: Path) -> Iterator[Peer]:
    deploy_flow(folder, flow.name, back_end)
    with running_product(folder) as (node, port):
        node.wait_logged(f"named '{flow.name}' has been deployed")
        yield Peer("product", node.process.pid, port)


def _python(name: str, module: str) -> Start:
    @contextmanager
    def start(flow: Flow, back_end: int, _folder: Path) -> Iterator[Peer]:
        port = free_port()
        words = ["-m", f"benchmarks.gateway.{module}", "--flow", flow.name]
        ports = ["--port", str(port), "--back-end", str(back_end)]
        with running([sys.executable, *words, *ports], port, PROXY_CORE) as pid:
            yield Peer(name, pid, port)

    return start


PEERS: dict[str, Start] = {
    "nginx": _nginx,
    "relay": _python("relay", "relay"),
    "uvicorn": _python("uvicorn", "peer_uvicorn"),
    "product": _product,
}


def peers_of(flow: Flow) -> tuple[str, ...]:
    """Return the names of those who can do it: nginx forwards and no more."""
    return tuple(name for name in PEERS if name != "nginx" or flow.change is None)
