"""The HTTP listener: opens the ports, and lets those who are being served end when the node stops."""

import asyncio
from functools import partial
from itertools import count
from pathlib import Path

from micro_integrator.config import HttpTransportSettings, KeyStoreSettings
from micro_integrator.kit import Clock, Component, SystemClock, bound_socket
from micro_integrator.observability import get_logger
from micro_integrator.transports.http.server.access_log import AccessLog
from micro_integrator.transports.http.server.connection import ServerConnection
from micro_integrator.transports.http.server.correlation_id import correlation_ids
from micro_integrator.transports.http.server.listening_port import (
    BACKLOG,
    Capacity,
    ConnectionMaker,
    ListeningPort,
)
from micro_integrator.transports.http.server.request_head import RequestHeadReader
from micro_integrator.transports.http.server.response_head import AnswerHeadWriter
from micro_integrator.transports.http.server.terms import Serve, Terms
from micro_integrator.transports.http.server.told_connection import ToldServerConnection
from micro_integrator.transports.server_tls import ServerTls

LOOK_EVERY = 10.0
"""Seconds after which changed certificates are noticed at the latest."""
CANCEL_LIMIT = 5.0
"""Seconds cancelled work may take to end."""
QUIET = 0.3
"""Seconds of silence after which a connection is taken for one that nobody is about to use."""
STEP = 0.02
"""Seconds between two looks at what is still going on while a listener settles."""

log = get_logger("PassThroughListeningIOReactorManager")


class HttpListener(Component):
    """Serves HTTP on one port and HTTPS on another; open after `start`, closed to newcomers after `drain`."""

    def __init__(
        self,
        settings: HttpTransportSettings,
        home: Path,
        serve: Serve,
        *,
        offset: int = 0,
        server: str = "localhost",
        node_key: KeyStoreSettings | None = None,
        tells_stages: bool = False,
        clock: Clock | None = None,
    ) -> None:
        """Remember: `serve` runs one request; `offset` is added to the base ports of the settings.

        `server` is the name of this node, and `node_key` its key store: HTTPS uses it when the listener's settings
        name none. Without either, HTTPS is not opened. `tells_stages`: the correlation log gets a line for each stage
        that an exchange comes to.
        """
        super().__init__("http listener")
        self._settings, self._home, self._serve = settings, home, serve
        self._offset, self._server = offset, server
        self._node_key = node_key or KeyStoreSettings()
        self._make: ConnectionMaker = ServerConnection
        if tells_stages:
            self._make = partial(ToldServerConnection, count(1))
        self._clock = clock or SystemClock()
        self._ports: dict[str, ListeningPort] = {}
        self._terms: Terms | None = None
        self._capacity = Capacity(settings.most_connections)

    @property
    def ports(self) -> dict[str, int]:
        """The ports that were opened, by scheme."""
        return {scheme: port.door.port for scheme, port in self._ports.items()}

    @property
    def connections(self) -> int:
        """Clients that are connected."""
        return len(self._terms.connections) if self._terms else 0

    @property
    def requests(self) -> int:
        """Requests that are being served."""
        return len(self._terms.exchanges) if self._terms else 0

    async def start(self) -> None:
        """Open the ports. Raises MicroIntegratorError when one is taken, or the key store cannot be used."""
        listener = self._settings.listener
        self._terms = terms = self._made_up()
        if listener.enable:
            await self._open(terms, "port", listener.bind_address, listener.port)
        if listener.secured_enable and (tls := self._tls()) is not None:
            await asyncio.to_thread(tls.load)
            await self._open(terms, "secured_port", listener.secured_bind_address, listener.secured_port, tls)
            self.spawn(self._look_after(tls), "certificates")
        if terms.access_log is not None:
            terms.access_log.start()
        for port in self._ports.values():
            port.open()

    def drain(self) -> None:
        """Take in nobody else; from now on every answer says that its connection ends."""
        if self._terms is not None:
            self._terms.keeps_alive = False
        for port in self._ports.values():
            port.close()

    async def settle(self, limit: float) -> int:
        """Wait until everybody is answered, at most `limit` seconds; return how many requests are still served.

        Who has nothing to be answered is let go then.
        """
        terms, end = self._terms, self._clock.now() + limit
        if terms is None:
            return 0
        while self._is_in_use(terms) and self._clock.now() < end:
            await self._clock.sleep(STEP)
        # in the same moment: a request that came before the stop would be cut short, elsewhere it can be served
        quiet_since = terms.loop.time() - QUIET
        for connection in [one for one in terms.connections if not one.is_in_use(quiet_since)]:
            connection.close()
        return self.requests

    async def stop(self) -> None:
        """Close the ports, cancel what is still served, and close all connections."""
        self.drain()
        await super().stop()
        for port in self._ports.values():
            await port.end()
        if self._terms is None:
            return
        works = [exchange.work for exchange in self._terms.exchanges if exchange.work is not None]
        for work in works:
            work.cancel()
        if works:
            _, stuck = await asyncio.wait(works, timeout=CANCEL_LIMIT)
            if stuck:
                log.error("{number} requests do not end although they were cancelled", number=len(stuck))
        for connection in list(self._terms.connections):
            connection.close()
        if self._terms.access_log is not None:
            await asyncio.to_thread(self._terms.access_log.close)

    def _made_up(self) -> Terms:
        settings = self._settings
        logged = settings.access_log.access_log_enable
        return Terms(
            serve=self._serve,
            loop=asyncio.get_running_loop(),
            reader=RequestHeadReader(settings.correlation_header_name),
            writer=AnswerHeadWriter(
                correlation_header=settings.correlation_header_name, preserved=settings.preserved_in_responses
            ),
            new_id=correlation_ids(),
            correlation_header=settings.correlation_header_name,
            silence=settings.socket_timeout,
            head_limit=settings.request_header_timeout,
            untyped=settings.default_request_content_type,
            max_body=settings.most_body_bytes,
            keeps_alive=not settings.disable_connection_keepalive,
            access_log=AccessLog(settings.access_log, self._home) if logged else None,
        )

    async def _open(self, terms: Terms, key: str, host: str, base: int, tls: ServerTls | None = None) -> None:
        name = f"[transport.http.listener] {key}"
        port = base + self._offset if base else 0
        opened = await bound_socket(name, host, port, offset=self._offset, backlog=BACKLOG)
        scheme = "https" if tls else "http"
        self._ports[scheme] = found = ListeningPort(
            opened, terms, self._capacity, server=self._server, tls=tls, make=self._make
        )
        log.info(
            "Pass-through {scheme} Listener started on {host}:{port}",
            scheme=scheme.upper(),
            host=host,
            port=found.door.port,
        )

    def _tls(self) -> ServerTls | None:
        if self._settings.listener.keystore.file_name is None and self._node_key.file_name is None:
            log.warning("HTTPS is not opened: there is no key store, see [transport.http.listener.keystore]")
            return None
        return ServerTls(self._settings.listener, self._home, self._node_key)

    async def _look_after(self, tls: ServerTls) -> None:
        every = min(LOOK_EVERY, self._settings.listener.ssl_profile.read_interval)
        while True:
            tls.tell_ends()
            await self._clock.sleep(every)
            await asyncio.to_thread(tls.reload_if_changed)

    def _is_in_use(self, terms: Terms) -> bool:
        quiet_since = terms.loop.time() - QUIET
        return (
            bool(terms.exchanges)
            or any(port.is_admitting for port in self._ports.values())
            or any(connection.is_in_use(quiet_since) for connection in terms.connections)
        )
