"""Requests per second of the HTTP sender over loopback, beside a bare httptools client in the same run.

    python benchmarks/http_sender.py [--seconds 5] [--callers 32] [--rounds 3]

The sink is a process of its own that answers every request with 200 and two bytes. Sender and bare client take turns,
so that whatever else the machine does hits both. The bare client is the least a client of this kind can do: a future, a
parser, no pool, no headers of its own, no limits.
"""

import argparse
import asyncio
import multiprocessing
import os
import socket
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import httptools
import uvloop

from micro_integrator.config import HttpTransportSettings
from micro_integrator.synapse import Headers, Request
from micro_integrator.transports import HttpSender

BODY = b"<order><id>17</id></order>"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok"
HEAD = (
    b"POST /sink HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/xml\r\n"
    b"User-Agent: bare\r\nContent-Length: %d\r\n\r\n" % len(BODY)
)


class Sink(asyncio.Protocol):
    """Answers whatever ends in the end of a request; good enough for requests that come one at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if data.endswith((b"0\r\n\r\n", BODY)):
            self.transport.write(ANSWER)


def serve(listening: socket.socket) -> None:
    """Be the sink until the process is ended."""

    async def forever() -> None:
        server = await asyncio.get_running_loop().create_server(Sink, sock=listening)
        await server.serve_forever()

    uvloop.run(forever())


class Bare(asyncio.Protocol):
    """The least: writes, parses, resolves a future."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.parser = httptools.HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        self.parser.feed_data(data)

    def on_message_complete(self) -> None:
        self.done.set_result(None)

    def ask(self) -> "asyncio.Future[None]":
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport.write(HEAD + BODY)
        return self.done


async def rate(call: Callable[[], Awaitable[Any]], seconds: float) -> int:
    """Call one after the other for `seconds`; return how often."""
    end, count = time.perf_counter() + seconds, 0
    while time.perf_counter() < end:
        await call()
        count += 1
    return count


async def bare_rate(port: int, callers: int, seconds: float) -> float:
    """Return the requests per second of `callers` bare clients."""
    loop = asyncio.get_running_loop()
    clients = [(await loop.create_connection(Bare, "127.0.0.1", port))[1] for _ in range(callers)]
    counts = await asyncio.gather(*(rate(client.ask, seconds) for client in clients))
    for client in clients:
        client.transport.close()
    return sum(counts) / seconds


async def sender_rate(port: int, callers: int, seconds: float) -> float:
    """Return the requests per second of `callers` coroutines that share one sender."""
    url = f"http://127.0.0.1:{port}/sink"
    options = {"TARGET_IS_STATIC": True}
    async with HttpSender(HttpTransportSettings(), Path(), max_body=10 * 1024 * 1024) as sender:

        async def call() -> None:
            headers = Headers([("Content-Type", "application/xml")])
            await sender.send(Request("POST", url, headers, BODY, options=options))

        counts = await asyncio.gather(*(rate(call, seconds) for _ in range(callers)))
    return sum(counts) / seconds


async def measure(port: int, arguments: argparse.Namespace) -> None:
    """Let both run in turns and print what came out."""
    ratios = []
    for number in range(1, arguments.rounds + 1):
        bare = await bare_rate(port, arguments.callers, arguments.seconds)
        sender = await sender_rate(port, arguments.callers, arguments.seconds)
        ratios.append(sender / bare)
        load = os.getloadavg()[0]
        print(
            f"round {number}: sender {sender:8.0f}/s   bare {bare:8.0f}/s   ratio {sender / bare:.2f}   load {load:.1f}"
        )
    print(
        f"median ratio {statistics.median(ratios):.2f} with {arguments.callers} callers on {os.cpu_count()} cores"
    )


def main() -> None:
    """Start the sink, measure, end the sink."""
    parser = argparse.ArgumentParser(description="requests per second of the HTTP sender")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--callers", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    listening = socket.create_server(("127.0.0.1", 0))
    sink = multiprocessing.get_context("fork").Process(target=serve, args=(listening,), daemon=True)
    sink.start()
    try:
        uvloop.run(measure(listening.getsockname()[1], arguments))
    finally:
        sink.kill()
        sink.join()


if __name__ == "__main__":
    main()
