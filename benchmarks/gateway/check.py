"""Whether a peer does what it is measured for: nobody is fast by answering errors."""

from http.client import HTTPConnection

from benchmarks.gateway.flows import KB, Flow, answer
from benchmarks.gateway.peers import Peer

TIME_LIMIT = 30.0


def check(peer: Peer, flow: Flow) -> None:
    """Send each request once. Raises RuntimeError when an answer, or what the back end got, is not as it must be."""
    for size in flow.sizes:
        body = flow.body(size * KB)
        status, answered = post(peer, flow.path(size), body, flow.media_type)
        if status != 200 or answered != answer(size):
            raise RuntimeError(f"{peer.name} answers {size} KB with status {status}: {answered[:500]!r}")
        status, arrived = post(peer, flow.echo_path, body, flow.media_type)
        if status != 200 or flow.meaning(arrived) != flow.meaning(flow.expected(body)):
            raise RuntimeError(
                f"behind {peer.name} something else arrives, status {status}: {arrived[:500]!r}"
            )


def post(peer: Peer, path: str, body: bytes, media_type: str) -> tuple[int, bytes]:
    """Return status and body of one answer."""
    connection = HTTPConnection("127.0.0.1", peer.port, timeout=TIME_LIMIT)
    try:
        connection.request("POST", path, body, {"Content-Type": media_type})
        came = connection.getresponse()
        return came.status, came.read()
    finally:
        connection.close()
