"""The product as a user starts it: the launcher, the shipped configuration, artifacts in carbonapps."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness import Node, wait_until

from benchmarks import CHECKOUT
from benchmarks.gateway.stage import PROXY_CORE, accepts, on_core

_ARTIFACTS = Path(__file__).with_name("artifacts")
_HTTP, _OTHERS = 8280, (8243, 9154, 9191)
"""Base ports of the listeners."""
_LOOPBACK_ONLY = {
    "MI__TRANSPORT__HTTP__LISTENER__BIND_ADDRESS": "127.0.0.1",
    "MI__TRANSPORT__HTTP__LISTENER__SECURED_BIND_ADDRESS": "127.0.0.1",
}


def deploy_flow(home: Path, name: str, back_end: int) -> None:
    """Put the API of a flow into the carbonapps of `home`, which need not exist."""
    text = (_ARTIFACTS / f"{name}.xml").read_text().replace("@BACK_END_PORT@", str(back_end))
    (home / "carbonapps").mkdir(parents=True, exist_ok=True)
    (home / "carbonapps" / f"{name}.xml").write_text(text)


@contextmanager
def running_product(home: Path) -> Iterator[tuple[Node, int]]:
    """A started node with what lies in carbonapps of `home`, and the port of its HTTP listener."""
    shutil.copytree(CHECKOUT / "conf", home / "conf")
    offset = _free_offset()
    with on_core(PROXY_CORE):
        node = Node(home, 1, (f"-DportOffset={offset}",), _LOOPBACK_ONLY)
    try:
        node.wait_started()
        wait_until(lambda: accepts(_HTTP + offset), node.log)
        yield node, _HTTP + offset
        node.stop()
    finally:
        if node.process.poll() is None:
            node.kill()


def _free_offset() -> int:
    return next(offset for offset in range(12000, 22000, 10) if _are_free(offset))


def _are_free(offset: int) -> bool:
    try:
        for base in (_HTTP, *_OTHERS):
            socket.create_server(("127.0.0.1", base + offset)).close()
    except OSError:
        return False
    return True
