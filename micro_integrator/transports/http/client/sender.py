"""The client side of HTTP/1.1: a request goes out on a pooled connection, its answer comes back.

`send` returns when the head of the answer is here. A body that has come with it is there as bytes, any other is a
stream that slows the back end down to the pace of whoever reads it.
"""

import asyncio
import math
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import TypeGuard

from micro_integrator.config import HttpTransportSettings
from micro_integrator.kit import Clock, Component, SystemClock
from micro_integrator.observability import gauge
from micro_integrator.synapse import FormatError, MediationError, Request, Response, Stream
from micro_integrator.transports.http.client.connection import Answer, Connection
from micro_integrator.transports.http.client.dialing import ConnectionMaker, Dialer
from micro_integrator.transports.http.client.framing import request_bytes
from micro_integrator.transports.http.client.guarded import is_guarded
from micro_integrator.transports.http.client.header_rules import HeaderRules
from micro_integrator.transports.http.client.pool import Limits, Pool
from micro_integrator.transports.http.client.proxies import Proxies
from micro_integrator.transports.http.client.response import response_of
from micro_integrator.transports.http.client.steering import Steering, steering_of
from micro_integrator.transports.http.client.target import Route, target_of
from micro_integrator.transports.http.client.told_connection import ToldConnection
from micro_integrator.transports.http.client.uploading import upload
from micro_integrator.transports.http.failure import Code, HttpError, Stage, expired, stopped
from micro_integrator.transports.http.outbox import Outbox
from micro_integrator.transports.sender_tls import SenderTls

SWEEP_INTERVAL = 5.0
"""Seconds between two looks at idle connections."""

_REPEATABLE = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"})
"""Methods that do the same when they are done twice."""

_connections = gauge("mi_http_pool_connections", "Connections to back ends, idle ones included")


class HttpSender(Component):
    """Sends to http and https URLs. Redirects are not followed; a status of any kind is an answer."""

    def __init__(
        self,
        settings: HttpTransportSettings,
        home: Path,
        *,
        max_body: int,
        tells_stages: bool = False,
        clock: Clock | None = None,
    ) -> None:
        """`home` is what file names in the settings are relative to.

        `max_body`: bytes of the largest body that is kept in memory because it must be counted before it is sent.
        `tells_stages`: the correlation log gets a line for each stage that an exchange comes to.
        """
        super().__init__("http sender")
        self._settings, self._max_body = settings, max_body
        self._clock = clock or SystemClock()
        self._tls = SenderTls(settings.sender, home)
        self._proxies = Proxies(settings.sender, settings.proxy_profile, settings.secured_proxy_profile)
        self._has_proxies = self._proxies.are_there
        self._rules = HeaderRules(_preserved(settings))
        self._keeps_location = "location" in {name.lower() for name in settings.preserve_http_headers}
        self._make: ConnectionMaker = Connection
        if tells_stages:
            self._make = partial(ToldConnection, count(1), settings.correlation_header_name)
        self._is_single_use = settings.disable_connection_keepalive
        self._pool: Pool | None = None

    async def start(self) -> None:
        """Read the configured stores and profiles, and begin to look after idle connections."""
        self._tls.load()
        self._loop = asyncio.get_running_loop()
        dialer = Dialer(self._settings, self._tls, self.spawn, Outbox(self._loop), self._make)
        self._pool = pool = Pool(dialer.connect, self._loop.time, _limits(self._settings))
        _connections.set_function(lambda: pool.held)
        self.spawn(self._sweep(pool), "sweep")
        self.spawn(self._reload(), "reload")

    async def stop(self) -> None:
        """Close all connections; requests that wait for one fail."""
        await super().stop()
        if self._pool is not None:
            self._pool.close()

    async def send(self, request: Request) -> Response:
        """Return the answer, whatever its status; a cancelled request leaves no open connection behind.

        Raises HttpError when there is no answer in time, MediationError when the request cannot be written.
        """
        pool = self._pool
        if pool is None:
            raise stopped()
        now = self._loop.time()
        deadline = now + request.time_limit
        steering = steering_of(request.options)
        if steering.is_counted and _is_stream(request.body) and request.body.length is None:
            request = await self._counted(request, request.body)
        origin, path = target_of(request.url)
        route = origin.route
        if self._has_proxies or route.scheme == "https":
            route = self._route(route, steering)
        parts = request_bytes(request, origin, path, route, steering, self._rules)
        connection = pool.take_idle(route, now) or await self._fresh(pool, route, request, deadline)
        while True:
            waiter = self._begun(connection, parts, request, steering, deadline)
            try:
                if _is_stream(request.body):
                    head, body = await self._uploading(request.body, connection, waiter)
                else:
                    head, body = await waiter
            except HttpError as error:
                if not may_repeat(request, error, connection):
                    raise
            except BaseException:
                connection.give_up(waiter)  # an answer may still come: nobody else may take it for his own
                raise
            else:
                return response_of(head, body, request.options, keeps_location=self._keeps_location)
            connection = await self._fresh(pool, route, request, deadline)

    def _begun(
        self,
        connection: Connection,
        parts: list[bytes],
        request: Request,
        steering: Steering,
        deadline: float,
    ) -> asyncio.Future[Answer]:
        """Write the request; return what holds the answer later. Raises when it may not be sent."""
        if connection.leads_to_guarded or request.before_sending is not None:
            try:
                _permit(connection, request)
            except BaseException:
                connection.abort()
                raise
        waiter = connection.exchange(
            parts,
            deadline,
            is_bodiless=request.method.upper() == "HEAD",
            is_last=steering.is_closing or self._is_single_use,
            is_whole=not _is_stream(request.body),
        )
        if request.before_sending is not None:
            connection.flush()  # what was permitted, was permitted for this moment
        return waiter

    async def _uploading(
        self, stream: Stream, connection: Connection, waiter: asyncio.Future[Answer]
    ) -> Answer:
        if waiter.done():
            return await waiter  # the connection is lost, and nothing of the body has been read
        work = self.spawn(upload(stream, connection, waiter), "upload")
        try:
            return await waiter
        finally:
            work.cancel()
            stream.abandon()

    async def _fresh(self, pool: Pool, route: Route, request: Request, deadline: float) -> Connection:
        try:
            async with asyncio.timeout_at(deadline):
                return await pool.take_fresh(route)
        except TimeoutError as error:
            raise expired() from error
        except HttpError as error:
            if is_guarded(route.host) and not request.is_static:
                raise _forbidden(route) from error
            raise

    async def _counted(self, request: Request, stream: Stream) -> Request:
        """Return the request with a body whose length is known."""
        raw = bytearray()
        async for piece in stream:
            raw += piece
            if len(raw) > self._max_body:
                stream.abandon()
                text = f"The payload is larger than {self._max_body} bytes and cannot be counted before it is sent"
                raise FormatError(text)
        return replace(request, body=bytes(raw))

    def _route(self, route: Route, steering: Steering) -> Route:
        """Return the route with its proxy and its TLS profile."""
        profile = ""
        if route.scheme == "https":
            profile = self._tls.profile_name(route.host, route.port, steering.client)
        return route._replace(proxy=self._proxies.proxy_for(route), profile=profile)

    async def _reload(self) -> None:
        while True:
            await self._clock.sleep(self._settings.sender.ssl_profile.read_interval)
            self._tls.reload_if_changed()

    async def _sweep(self, pool: Pool) -> None:
        while True:
            await self._clock.sleep(SWEEP_INTERVAL)
            pool.sweep()


def may_repeat(request: Request, error: HttpError, connection: Connection) -> bool:
    """Return whether a request may go out once more: the connection was an old one that turned out to be dead."""
    if connection.exchanges <= 1 or error.code not in {Code.CLOSED, Code.SENDING_FAILED}:
        return False
    if error.protocol_state == Stage.REQUEST_READY:
        return True
    is_kept = request.body is None or isinstance(request.body, bytes)
    is_unanswered = error.protocol_state in {Stage.REQUEST_BODY, Stage.REQUEST_DONE}
    return is_kept and is_unanswered and request.method.upper() in _REPEATABLE


def _permit(connection: Connection, request: Request) -> None:
    """The last look before bytes leave; raises when they must not."""
    if connection.leads_to_guarded and not request.is_static:
        raise _forbidden(connection.route)
    if request.before_sending is not None:
        request.before_sending()


def _forbidden(route: Route) -> MediationError:
    """Return the error of a message that has chosen a guarded address: it says nothing about any back end."""
    text = f"Error connecting to the back end: {route} is an address that only literal text of an artifact may name"
    return MediationError(text, code=int(Code.CONNECTION_FAILED))


def _is_stream(body: bytes | Stream | None) -> TypeGuard[Stream]:
    return body is not None and not isinstance(body, bytes)


def _limits(settings: HttpTransportSettings) -> Limits:
    lifespan = settings.connection_maximum_lifespan
    return Limits(
        connections=settings.max_http_connection_per_host_port,
        waiting=settings.max_messages_per_host_port,
        patience=settings.connect_limit,
        idle_time=settings.idle_limit,
        grace=settings.connection_grace_time,
        lifespan=math.inf if lifespan is None else lifespan,
    )


def _preserved(settings: HttpTransportSettings) -> list[str]:
    names = list(settings.preserve_http_headers)
    if settings.preserve_http_user_agent:
        names.append("User-Agent")
    if settings.preserve_http_server_name:
        names.append("Server")
    return names
