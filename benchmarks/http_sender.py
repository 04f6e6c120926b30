"""HTTP sender: how many requests per second it sends over loopback, beside a bare client in the same run.

The sink is a process of its own that answers every request with an empty 200. Sender and bare client take turns, so
that whatever else the machine does hits both; the figures are medians of the rounds. The bare client is the least a
client of this kind can do: a future, a parser, no pool, no headers of its own, no limits.

    python -m benchmarks.http_sender [--seconds 5] [--callers 32] [--rounds 3]
"""

import asyncio
import time
from argparse import ArgumentParser
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any, cast

import httptools
import uvloop

from benchmarks.http_sink import Sink, running_sink
from benchmarks.results import Run
from micro_integrator.config import HttpTransportSettings
from micro_integrator.synapse import Headers, Request
from micro_integrator.transports import HttpSender

BODY = b"<order><id>17</id></order>"
HEAD = (
    b"POST /fired HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/xml\r\n"
    b"User-Agent: bare\r\nContent-Length: %d\r\n\r\n" % len(BODY)
)


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


async def bare_rate(sink: Sink, callers: int, seconds: float) -> float:
    """Return the requests per second of `callers` bare clients."""
    loop = asyncio.get_running_loop()
    clients = [(await loop.create_connection(Bare, "127.0.0.1", sink.port))[1] for _ in range(callers)]
    counts = await asyncio.gather(*(rate(client.ask, seconds) for client in clients))
    for client in clients:
        client.transport.close()
    return sum(counts) / seconds


async def sender_rate(sink: Sink, callers: int, seconds: float) -> float:
    """Return the requests per second of `callers` coroutines that share one sender."""
    async with HttpSender(HttpTransportSettings(), Path(), max_body=10 * 1024 * 1024) as sender:

        async def call() -> None:
            headers = Headers([("Content-Type", "application/xml")])
            await sender.send(Request("POST", sink.url, headers, BODY, is_static=True))

        counts = await asyncio.gather(*(rate(call, seconds) for _ in range(callers)))
    return sum(counts) / seconds


async def measure(sink: Sink, callers: int, seconds: float, rounds: int) -> list[tuple[float, float]]:
    """Return the rates of sender and bare client, by round."""
    return [
        (await sender_rate(sink, callers, seconds), await bare_rate(sink, callers, seconds))
        for _ in range(rounds)
    ]


def main() -> None:
    """Measure and record."""
    options = ArgumentParser(prog="python -m benchmarks.http_sender")
    options.add_argument("--seconds", type=float, default=5.0, help="length of each figure")
    options.add_argument("--callers", type=int, default=32)
    options.add_argument("--rounds", type=int, default=3)
    asked = options.parse_args()
    run = Run("http_sender", f"{asked.callers} callers")
    with running_sink() as sink:
        rates = uvloop.run(measure(sink, asked.callers, asked.seconds, asked.rounds))
    run.record(
        {
            "sender, requests/s": round(median(sender for sender, _ in rates)),
            "bare client, requests/s": round(median(bare for _, bare in rates)),
            "share of it, %": round(100 * median(sender / bare for sender, bare in rates)),
            "rounds": len(rates),
        }
    )


if __name__ == "__main__":
    main()
