"""Gateway, large bodies: what 1 GiB on its way through a proxy adds to its resident memory.

First the request, then the answer is 1 GiB; nobody in between needs to read it. The proxy has been tried with small
bodies before. Memory is resident MB (10^6 bytes) of all processes of the proxy, looked at twenty times a second.

    python -m benchmarks.gateway.large_body [--peer product|nginx|uvicorn]
"""

import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

from benchmarks.gateway.arena import all_running
from benchmarks.gateway.comparison import PRODUCT
from benchmarks.gateway.echo import COUNT_PATH
from benchmarks.gateway.flows import FLOWS
from benchmarks.gateway.nginx import LARGE
from benchmarks.gateway.peers import PEERS, Peer
from benchmarks.gateway.stage import OTHER_CORE, on_core, tree_megabytes
from benchmarks.results import Run

GOAL = 20.0
PIECE = 1 << 20
BETWEEN_LOOKS = 0.05
TIME_LIMIT = 60.0
"""Seconds without a byte."""


def main() -> None:
    """Measure and record."""
    options = ArgumentParser(prog="python -m benchmarks.gateway.large_body")
    options.add_argument("--peer", choices=tuple(PEERS), default=PRODUCT)
    asked = options.parse_args()
    run = Run("gateway.large_body", asked.peer)
    with all_running(FLOWS["pass"], [asked.peer]) as [peer], on_core(OTHER_CORE):
        before = tree_megabytes(peer.pid)
        request, request_seconds = highest_while(upload, peer)
        reply, reply_seconds = highest_while(download, peer)
    grown = max(request, reply) - before
    run.record(
        {
            "before, MB": before,
            "highest with a request of 1 GiB, MB": request,
            "highest with an answer of 1 GiB, MB": reply,
            "grown by, MB": round(grown, 1),
            "request, s": round(request_seconds, 1),
            "answer, s": round(reply_seconds, 1),
        },
        met=grown < GOAL if asked.peer == PRODUCT else None,
    )


def highest_while(transfer: Callable[[Peer], None], peer: Peer) -> tuple[float, float]:
    """Return the most memory seen during `transfer`, in MB, and the seconds it took."""
    began, highest = time.monotonic(), 0.0
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(transfer, peer)
        while not done.done():
            highest = max(highest, tree_megabytes(peer.pid))
            time.sleep(BETWEEN_LOOKS)
        done.result()
    return highest, time.monotonic() - began


def upload(peer: Peer) -> None:
    """Send 1 GiB. Raises RuntimeError when some of it has not come to the back end."""
    connection = HTTPConnection("127.0.0.1", peer.port, timeout=TIME_LIMIT)
    connection.request("POST", COUNT_PATH, _pieces(), {"Content-Length": str(LARGE)})
    came = connection.getresponse()
    if came.read() != str(LARGE).encode():
        raise RuntimeError(f"{peer.name} does not hand on {LARGE} bytes, status {came.status}")
    connection.close()


def download(peer: Peer) -> None:
    """Receive 1 GiB. Raises RuntimeError when some of it is missing."""
    connection = HTTPConnection("127.0.0.1", peer.port, timeout=TIME_LIMIT)
    connection.request("GET", "/pass/large")
    came = connection.getresponse()
    received = sum(len(piece) for piece in iter(lambda: came.read(PIECE), b""))
    if received != LARGE:
        raise RuntimeError(f"{peer.name} has handed on {received} of {LARGE} bytes, status {came.status}")
    connection.close()


def _pieces() -> Iterator[bytes]:
    piece = bytes(PIECE)
    return (piece for _ in range(LARGE // PIECE))


if __name__ == "__main__":
    main()
