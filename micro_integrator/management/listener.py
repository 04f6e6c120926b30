"""An HTTP listener of the server itself: a Starlette application on uvicorn, inside our own loop and life."""

import asyncio
import logging
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from micro_integrator.kit import Component, bound_socket
from micro_integrator.observability import get_logger

START_LIMIT = 5.0
"""Seconds the listener may take to open."""

STOP_LIMIT = 3.0
"""Seconds open connections get to end when the listener closes."""

IDLE_LIMIT = 60
"""Seconds a connection may stay without a complete request."""

HEAD_LIMIT = 16 * 1024
"""Bytes of the head of a request."""

BODY_LIMIT = 10 * 1024 * 1024
"""Bytes of a body, which nobody here asks for: it is passed over, so that its sender hears what is wrong with it."""

CONNECTION_LIMIT = 256

SECURITY_HEADERS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'"),
]

log = get_logger("InternalListener")


class _Server(Server):
    """uvicorn's server without its signal handlers: signals belong to the daemon."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.is_open = asyncio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.is_open.set()


class _Connection(HttpToolsProtocol):
    """A connection with the limits uvicorn lacks: bytes of a request, seconds until it is complete."""

    _received = 0
    _has_head = False
    _patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._be_patient()

    def data_received(self, data: bytes) -> None:
        while data and not self.transport.is_closing():
            if self._received == 0:
                self._be_patient()
            room = (BODY_LIMIT if self._has_head else HEAD_LIMIT) - self._received
            if room <= 0:
                self._give_up()
                return
            piece, data = data[:room], data[room:]
            self._received += len(piece)
            super().data_received(piece)

    def on_headers_complete(self) -> None:
        self._has_head = True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._received, self._has_head = 0, False
        self._stop_waiting()
        super().on_message_complete()

    def _give_up(self) -> None:
        if self._has_head:  # it has been answered already
            self.transport.close()
        else:
            self.send_400_response("The request is too large.")

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _be_patient(self) -> None:
        self._stop_waiting()
        self._patience = self.loop.call_later(IDLE_LIMIT, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()


class Listener(Component):
    """Serves an application on one address; open after `start`, closed after `stop`."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        key: str,
        host: str,
        port: int,
        offset: int,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Remember: `port` is the effective one; `key` and `offset` are for the message when it is taken.

        With `tls` it speaks HTTPS; a context that is loaded anew counts for new connections.
        """
        super().__init__("internal listener")
        self._app, self._key, self._host, self._port, self._offset = app, key, host, port, offset
        self._tls = tls
        self._socket: socket.socket | None = None
        self._server: _Server | None = None
        self._serving: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """The port that is open."""
        return int(self._socket.getsockname()[1]) if self._socket else self._port

    async def start(self) -> None:
        """Open the port. Raises ListenError."""
        self._socket = await bound_socket(
            self._key, self._host, self._port, offset=self._offset, backlog=CONNECTION_LIMIT
        )
        logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # a port scanner is no news
        self._server = _Server(_configuration(self._app, self._tls))
        self._serving = self.spawn(self._server.serve([self._socket]), "http")
        async with asyncio.timeout(START_LIMIT):
            await self._server.is_open.wait()
        protocol = "HTTP" if self._tls is None else "HTTPS"
        log.info(
            "Internal {protocol} listener is open on {host}:{port}",
            protocol=protocol,
            host=self._host,
            port=self.port,
        )

    async def stop(self) -> None:
        """Close the port and give open connections a moment to end."""
        if self._server is not None and self._serving is not None:
            self._server.should_exit = True
            await asyncio.wait([self._serving], timeout=STOP_LIMIT)
        await super().stop()
        if self._socket is not None:
            self._socket.close()


def _configuration(app: ASGIApp, tls: ssl.SSLContext | None) -> Config:
    configuration = Config(
        app,
        http=_Connection,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        headers=SECURITY_HEADERS,
        limit_concurrency=CONNECTION_LIMIT,
        timeout_keep_alive=IDLE_LIMIT,
        timeout_graceful_shutdown=1,
    )
    configuration.load()
    configuration.ssl = tls  # it knows certificates by their files only, and ours may be renewed
    return configuration
