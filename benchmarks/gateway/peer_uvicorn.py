"""The same flows as they are usually written in Python: an ASGI application on uvicorn, aiohttp's client behind it.

python -m benchmarks.gateway.peer_uvicorn --port PORT --back-end PORT [--flow pass|json|xml]
"""

from argparse import ArgumentParser
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import aiohttp
import uvicorn

from benchmarks.gateway.flows import FLOWS, Flow

Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]

NOT_FORWARDED = {b"connection", b"content-length", b"host", b"keep-alive", b"transfer-encoding"}


class Forwarding:
    """The application; one client session for all requests."""

    def __init__(self, flow: Flow, back_end: int) -> None:
        self._flow, self._origin = flow, f"http://127.0.0.1:{back_end}"
        self._session: aiohttp.ClientSession | None = None

    async def __call__(self, scope: Event, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if self._session is None:
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        body = self._flow.expected(await _whole(receive))
        headers = [(name.decode(), value.decode()) for name, value in _forwarded(scope["headers"])]
        url = self._origin + scope["path"]
        async with self._session.request(scope["method"], url, data=body, headers=headers) as answer:
            content = await answer.read()
        fields = [*_forwarded(answer.raw_headers), (b"content-length", b"%d" % len(content))]
        await send({"type": "http.response.start", "status": answer.status, "headers": fields})
        await send({"type": "http.response.body", "body": content})


def _forwarded(fields: Any) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in fields if name.lower() not in NOT_FORWARDED]


async def _whole(receive: Receive) -> bytes:
    pieces: list[bytes] = []
    while True:
        event = await receive()
        pieces.append(event.get("body", b""))
        if not event.get("more_body"):
            return b"".join(pieces)


def main() -> None:
    """Serve until a signal ends the process."""
    options = ArgumentParser(prog="python -m benchmarks.gateway.peer_uvicorn")
    options.add_argument("--port", type=int, required=True)
    options.add_argument("--back-end", type=int, required=True)
    options.add_argument("--flow", choices=tuple(FLOWS), default="pass")
    asked = options.parse_args()
    application = Forwarding(FLOWS[asked.flow], asked.back_end)
    uvicorn.run(
        application,
        port=asked.port,
        loop="uvloop",
        http="httptools",
        lifespan="off",
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
