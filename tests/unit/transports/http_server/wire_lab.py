"""A connection without a socket: bytes go in by hand, and what was served and answered is written down."""

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from micro_integrator.synapse import Arrival, Body, Headers, ReplyChannel
from micro_integrator.synapse.formats import charset_of, media_type_of
from micro_integrator.transports.http.server.connection import ServerConnection
from micro_integrator.transports.http.server.correlation_id import correlation_ids
from micro_integrator.transports.http.server.door import Door
from micro_integrator.transports.http.server.request_head import RequestHeadReader
from micro_integrator.transports.http.server.response_head import AnswerHeadWriter
from micro_integrator.transports.http.server.terms import Serve, Terms

_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})")
PASSES = 12
"""Passes of the loop after which nothing happens any more by itself."""


@dataclass
class Seen:
    """What a client and the engine have seen of one connection."""

    served: list[tuple[str, str, bytes]] = field(default_factory=list)
    """Method, target and whole body of each request."""
    statuses: list[int] = field(default_factory=list)
    is_closed: bool = False


class Wire:
    """Stands in for the socket."""

    def __init__(self) -> None:
        self.written = bytearray()
        self.is_closed = self.is_paused = False
        self.unsent = 0
        """Bytes that the client has not taken yet."""

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.is_closed = True

    abort = close

    def write_eof(self) -> None:
        self.is_closed = True

    def can_write_eof(self) -> bool:
        return True

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def get_extra_info(self, name: str) -> Any:
        return ("10.0.0.9", 4711) if name == "peername" else None


async def seen(pieces: Iterable[bytes], *, max_body: int | None = None) -> Seen:
    """Play a connection on which these pieces arrive, and then the end."""
    found, wire = Seen(), Wire()

    async def serve(arrival: Arrival, reply: ReplyChannel) -> None:
        found.served.append((arrival.method, arrival.target, await whole(arrival.body)))
        await reply.reply(200, Headers(), b"")

    terms = terms_for(serve, max_body)
    connection = connected(terms, wire)
    for piece in pieces:
        if wire.is_closed:
            break
        connection.data_received(piece)
        await passes(2 if not wire.is_paused else PASSES)
    await passes()
    found.statuses = [int(status) for status in _STATUS.findall(bytes(wire.written))]
    found.is_closed = wire.is_closed
    connection.connection_lost(None)
    await passes()
    assert not terms.exchanges
    assert not terms.connections
    return found


def terms_for(serve: Serve, max_body: int | None = None) -> Terms:
    """Return what the connections of a listener share whose requests `serve` serves."""
    return Terms(
        serve=serve,
        loop=asyncio.get_running_loop(),
        reader=RequestHeadReader("activityid"),
        writer=AnswerHeadWriter(correlation_header="activityid", preserved=()),
        new_id=correlation_ids(),
        correlation_header="activityid",
        silence=60,
        head_limit=60,
        max_body=max_body,
    )


def connected(terms: Terms, wire: Wire) -> ServerConnection:
    """Return a connection that a client has just opened."""
    connection = ServerConnection(terms, Door("http", "esb", 8290, lambda: None))
    connection.connection_made(cast(asyncio.Transport, wire))
    return connection


async def whole(body: Body) -> bytes:
    """Return the bytes of a body, wherever they are."""
    await body.buffer(100 * 1024 * 1024)
    received = body.content_type
    return body.written(media_type_of(received), charset_of(received)) if received else b""


async def passes(number: int = PASSES) -> None:
    """Let the loop do what it can do by itself."""
    for _ in range(number):
        await asyncio.sleep(0)
