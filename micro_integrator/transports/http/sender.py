"""The client side of HTTP/1.1: a request goes out on a pooled connection, its answer comes back whole."""

import asyncio
import ssl
from pathlib import Path

from micro_integrator.config import HttpTransportSettings
from micro_integrator.kit import Clock, Component, SystemClock
from micro_integrator.observability import gauge
from micro_integrator.synapse import Body, Headers, Request, Response
from micro_integrator.transports.http.answer import Answer
from micro_integrator.transports.http.connection import Connection
from micro_integrator.transports.http.failure import Code, HttpError, Stage, broken, unreachable
from micro_integrator.transports.http.framing import request_bytes
from micro_integrator.transports.http.headers import HeaderRules
from micro_integrator.transports.http.pool import GRACE, Pool
from micro_integrator.transports.http.steering import Steering
from micro_integrator.transports.http.target import Route, target_of
from micro_integrator.transports.tls import TlsProfile

SWEEP_INTERVAL = 5.0
"""Seconds between two looks at idle connections."""
TLS_GOODBYE = 1.0
"""Seconds a back end may take to answer our end of a TLS connection."""

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
        clock: Clock | None = None,
    ) -> None:
        """`home` is what file names in the settings are relative to, `max_body` the bytes of the largest answer."""
        super().__init__("http sender")
        self._settings, self._max_body = settings, max_body
        self._clock = clock or SystemClock()
        self._tls = TlsProfile(settings.sender, home)
        self._rules = HeaderRules(_preserved(settings))
        self._pool = Pool(
            self._connect,
            self._clock,
            limit=settings.max_http_connection_per_host_port,
            patience=settings.connect_limit,
            idle_time=max(settings.socket_timeout - GRACE, settings.socket_timeout / 2),
        )

    async def start(self) -> None:
        """Read the trust store, if one is configured, and begin to look after idle connections."""
        self._tls.check()
        _connections.set_function(lambda: self._pool.held)
        self.spawn(self._sweep(), "sweep")

    async def stop(self) -> None:
        """Close all connections; requests that wait for one fail."""
        await super().stop()
        self._pool.close()

    async def send(self, request: Request) -> Response:
        """Return the answer, whatever its status; a cancelled request leaves no open connection behind.

        Raises HttpError when there is no answer in time, MediationError when the request cannot be written.
        """
        target, steering = target_of(request.url), Steering.of(request.options)
        parts = request_bytes(request, target, steering, self._rules)
        deadline = asyncio.get_running_loop().time() + request.time_limit
        connection = self._pool.take_idle(target.route) or await self._fresh(target.route, deadline)
        try:
            answer = await self._exchange(connection, parts, request, steering, deadline)
        except HttpError as error:
            if not may_repeat(request.method, error, connection):
                raise
            connection = await self._fresh(target.route, deadline)
            answer = await self._exchange(connection, parts, request, steering, deadline)
        return _response(answer)

    async def _exchange(
        self,
        connection: Connection,
        parts: list[bytes],
        request: Request,
        steering: Steering,
        deadline: float,
    ) -> Answer:
        try:
            _permit(connection, request)
            answer = await connection.exchange(
                parts, is_head=request.method.upper() == "HEAD", deadline=deadline
            )
        except BaseException:
            connection.abort()  # an answer may still come: nobody else may take it for his own
            raise
        if steering.is_closing or self._settings.disable_connection_keepalive:
            answer.keeps_alive = False
        self._pool.give_back(connection, answer)
        return answer

    async def _fresh(self, route: Route, deadline: float) -> Connection:
        try:
            async with asyncio.timeout_at(deadline):
                return await self._pool.take_fresh(route)
        except TimeoutError as error:
            raise HttpError("Send timeout", Code.TIMED_OUT) from error

    async def _connect(self, route: Route) -> Connection:
        loop = asyncio.get_running_loop()
        limit = self._settings.connect_limit
        is_secure = route.scheme == "https"
        try:
            async with asyncio.timeout(limit):
                _, connection = await loop.create_connection(
                    lambda: Connection(route, silence=self._settings.socket_timeout, max_body=self._max_body),
                    route.host,
                    route.port,
                    ssl=self._tls.context_for(route.host) if is_secure else None,
                    ssl_shutdown_timeout=TLS_GOODBYE if is_secure else None,
                )
        except TimeoutError as error:
            text = f"Error connecting to the back end: no connection to {route} within {limit:g} s"
            raise HttpError(text, Code.CONNECT_TIMED_OUT) from error
        except (ssl.SSLError, ConnectionAbortedError, ConnectionResetError) as error:
            raise broken(f"TLS with {route}: {error}", Code.SENDING_FAILED, Stage.REQUEST_READY) from error
        except (OSError, UnicodeError) as error:
            raise unreachable(f"{route}: {getattr(error, 'strerror', None) or error}") from error
        return connection

    async def _sweep(self) -> None:
        while True:
            await self._clock.sleep(SWEEP_INTERVAL)
            self._pool.sweep()


def may_repeat(method: str, error: HttpError, connection: Connection) -> bool:
    """Return whether a request may go out once more: the connection was an old one that turned out to be dead."""
    if connection.exchanges <= 1 or error.code not in {Code.CLOSED, Code.SENDING_FAILED}:
        return False
    if error.protocol_state == Stage.REQUEST_READY:
        return True
    is_unanswered = error.protocol_state in {Stage.REQUEST_BODY, Stage.REQUEST_DONE}
    return is_unanswered and method.upper() in _REPEATABLE


def _permit(connection: Connection, request: Request) -> None:
    """The last look before bytes leave; raises when they must not."""
    if connection.leads_to_guarded and not request.is_static:
        raise unreachable(f"{connection.route} is an address that only literal text of an artifact may name")
    if request.before_sending is not None:
        request.before_sending()


def _response(answer: Answer) -> Response:
    headers = Headers(answer.fields)
    if len(headers) != len(answer.fields):
        headers = _combined(answer.fields)
    raw = b"".join(answer.body)
    content_type = headers.get("content-type", "application/octet-stream" if raw else "")
    body = Body.of_bytes(raw, content_type) if raw else Body()
    return Response(answer.status, answer.reason, headers, body)


def _combined(fields: list[tuple[str, str]]) -> Headers:
    """Return one field for each name: values of a list joined by commas; of cookies, which cannot be, the first."""
    headers = Headers()
    for name, value in fields:
        if name not in headers:
            headers[name] = value
        elif name.lower() != "set-cookie":
            headers[name] = f"{headers[name]}, {value}"
    return headers


def _preserved(settings: HttpTransportSettings) -> list[str]:
    names = list(settings.preserve_http_headers)
    if settings.preserve_http_user_agent:
        names.append("User-Agent")
    if settings.preserve_http_server_name:
        names.append("Server")
    return names
