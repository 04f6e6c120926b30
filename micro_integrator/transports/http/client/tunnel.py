"""CONNECT: a proxy makes a connection to the target, and then only passes bytes on."""

import asyncio
from typing import cast

from micro_integrator.transports.http.client.answer_head import (
    AnswerHead,
    NotHttp,
    Unusable,
    read_head,
)
from micro_integrator.transports.http.client.target import Proxy, Route
from micro_integrator.transports.http.failure import Code, HttpError, Stage, broken, unreachable
from micro_integrator.transports.http.limits import EMPTY_LINE, MAX_HEAD

_SUCCESSES = range(200, 300)


class Tunnel(asyncio.Protocol):
    """Asks for the connection; afterwards another protocol takes the socket over."""

    def __init__(self, route: Route, proxy: Proxy) -> None:
        self._route, self._proxy = route, proxy
        self._answer: asyncio.Future[AnswerHead] = asyncio.get_running_loop().create_future()
        self._held = bytearray()
        self._transport: asyncio.Transport | None = None

    async def opened(self) -> asyncio.Transport:
        """Return the socket when it leads to the target. Raises HttpError."""
        head = await self._answer
        if self._transport is None or head.status not in _SUCCESSES:
            text = (
                f"the proxy {self._proxy.host} does not connect to {self._route}: {head.status} {head.reason}"
            )
            raise unreachable(text)
        return self._transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask."""
        self._transport = cast(asyncio.Transport, transport)
        host = f"[{self._route.host}]" if ":" in self._route.host else self._route.host
        target = f"{host}:{self._route.port}"
        lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
        if self._proxy.authorization is not None:
            lines.append(f"Proxy-Authorization: {self._proxy.authorization}")
        self._transport.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def data_received(self, data: bytes) -> None:
        """Take the proxy's answer; the target says nothing before we do."""
        self._held += data
        end = self._held.find(EMPTY_LINE)
        if self._answer.done() or (end < 0 and len(self._held) <= MAX_HEAD):
            return
        try:
            head = read_head(bytes(self._held[:end]))
        except (NotHttp, Unusable) as error:
            self._fail(f"does not answer in HTTP: {error}", Code.NOT_HTTP)
            return
        if head.status in _SUCCESSES and end + len(EMPTY_LINE) < len(self._held):
            self._fail("says more than that it has connected", Code.NOT_HTTP)  # and TLS would wait in vain
        else:
            self._answer.set_result(head)

    def connection_lost(self, exc: Exception | None) -> None:
        """The proxy has had enough."""
        self._transport = None
        if not self._answer.done():
            self._fail("has closed the connection", Code.CONNECTION_FAILED)

    def _fail(self, what: str, code: Code) -> None:
        error: HttpError = broken(f"the proxy {self._proxy.host} {what}", code, Stage.REQUEST_READY)
        self._answer.set_exception(error)
