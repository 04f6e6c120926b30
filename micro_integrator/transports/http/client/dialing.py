"""A new connection to a back end: name resolved, socket connected, tunnel opened, TLS spoken."""

import asyncio
import ipaddress
import os
import socket
import ssl
from typing import Protocol

from micro_integrator.config import HttpTransportSettings
from micro_integrator.transports.http.client.connection import Connection
from micro_integrator.transports.http.client.lookups import Lookups
from micro_integrator.transports.http.client.racing import Spawn, connected
from micro_integrator.transports.http.client.target import Proxy, Route
from micro_integrator.transports.http.client.tunnel import Tunnel
from micro_integrator.transports.http.failure import Code, HttpError, Stage, broken, unreachable
from micro_integrator.transports.http.outbox import Outbox
from micro_integrator.transports.sender_tls import SenderTls

TLS_GOODBYE = 1.0
"""Seconds a back end may take to answer our end of a TLS connection."""

_HANDSHAKE_ERRORS = (ssl.SSLError, ConnectionAbortedError, ConnectionResetError)


class ConnectionMaker(Protocol):
    """Makes what will be a connection once it has a socket."""

    def __call__(
        self, route: Route, *, silence: float, loop: asyncio.AbstractEventLoop, outbox: Outbox
    ) -> Connection:
        """Return a connection to `route`."""
        ...


class Dialer:
    """Opens connections as the settings say."""

    def __init__(
        self,
        settings: HttpTransportSettings,
        tls: SenderTls,
        spawn: Spawn,
        outbox: Outbox,
        make: ConnectionMaker = Connection,
    ) -> None:
        self._silence, self._limit = settings.socket_timeout, settings.connect_limit
        self._tls, self._spawn, self._outbox, self._make = tls, spawn, outbox, make
        self._lookups = Lookups(spawn)

    async def connect(self, route: Route) -> Connection:
        """Return a connection to `route`. Raises HttpError."""
        try:
            async with asyncio.timeout(self._limit):
                return await self._connect(route)
        except TimeoutError as error:
            text = f"Error connecting to the back end: no connection to {route} within {self._limit:g} s"
            raise HttpError(text, Code.CONNECT_TIMED_OUT) from error
        except (OSError, UnicodeError) as error:
            if isinstance(error, _HANDSHAKE_ERRORS) and route.scheme == "https":
                reason = str(error) or "the connection was closed"
                raise broken(
                    f"TLS with {route}: {reason}", Code.SENDING_FAILED, Stage.REQUEST_READY
                ) from error
            raise unreachable(f"{route}: {_reason(error)}") from error

    async def _connect(self, route: Route) -> Connection:
        loop = asyncio.get_running_loop()
        connection = self._make(route, silence=self._silence, loop=loop, outbox=self._outbox)
        proxy = route.proxy
        opened = await self._socket(
            *((route.host, route.port) if proxy is None else (proxy.host, proxy.port))
        )
        try:
            if route.scheme == "http":
                await loop.create_connection(lambda: connection, sock=opened)
            elif proxy is None:
                await loop.create_connection(
                    lambda: connection,
                    sock=opened,
                    ssl=self._tls.context_for(route.profile, route.host),
                    server_hostname=route.host,
                    ssl_shutdown_timeout=TLS_GOODBYE,
                )
            else:
                await self._through(proxy, opened, route, connection)
        except BaseException:
            opened.close()
            raise
        return connection

    async def _socket(self, host: str, port: int) -> socket.socket:
        literal = _literal(host, port)
        addresses = [literal] if literal else await self._lookups.addresses_of(host, port)
        made = await connected(addresses, self._spawn)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    async def _through(
        self, proxy: Proxy, opened: socket.socket, route: Route, connection: Connection
    ) -> None:
        """Make `connection` one to the target of `route`, by a socket that leads to the proxy."""
        loop = asyncio.get_running_loop()
        plain, tunnel = await loop.create_connection(lambda: Tunnel(route, proxy), sock=opened)
        try:
            secured = await loop.start_tls(
                await tunnel.opened(),
                connection,
                self._tls.context_for(route.profile, route.host),
                server_hostname=route.host,
                ssl_shutdown_timeout=TLS_GOODBYE,
            )
        except BaseException:
            plain.abort()
            raise
        if secured is None:
            raise ConnectionResetError("the proxy has closed the connection")
        connection.connection_made(secured)


def _literal(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]] | None:
    """Return the address that `host` is, None when it is a name."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return None
    return socket.AF_INET if found.version == 4 else socket.AF_INET6, (host, port)


def _reason(error: OSError | UnicodeError) -> str:
    """Return the system's word for what happened: the loop's own texts say less, and hide it."""
    if isinstance(error, OSError) and not isinstance(error, socket.gaierror) and error.errno:
        return os.strerror(error.errno)
    return getattr(error, "strerror", None) or str(error)
