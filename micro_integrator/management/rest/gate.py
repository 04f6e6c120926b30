"""The gate in front of all resources: which page asks, who asks, and whether they may.

Works in the order of cost: a preflight and a foreign page are answered before anybody's password is looked at.
"""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from micro_integrator.management.rest.cors import METHODS, Cors
from micro_integrator.management.rest.login import Login
from micro_integrator.management.rest.permission import Rules
from micro_integrator.management.rest.refusal import Refused, refusal
from micro_integrator.management.rest.resources import ROOT
from micro_integrator.management.rest.trail import Trail

OPEN = frozenset({ROOT, f"{ROOT}/", f"{ROOT}/login"})
"""Answered to everybody; the login looks at passwords itself."""

TRANSPORT_SECURITY = ("Strict-Transport-Security", "max-age=31536000")
"""For a year, a browser that was here once comes back by HTTPS only."""


class Gate:
    """ASGI middleware. What follows finds the caller in `request.state.caller`."""

    def __init__(self, app: ASGIApp, cors: Cors, login: Login, rules: Rules, trail: Trail) -> None:
        self._app, self._cors, self._login, self._rules, self._trail = app, cors, login, rules, trail

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a call through, or answer it."""
        request = Request(scope, receive)
        answer, headers = await self._answer(request)
        if scope["scheme"] == "https":
            headers.append(TRANSPORT_SECURITY)
        await answer(scope, receive, _adding(send, headers))

    async def _answer(self, request: Request) -> tuple[ASGIApp, list[tuple[str, str]]]:
        """Return who answers, and what is added to the headers of the answer."""
        origin = request.headers.get("origin")
        if not self._cors.permits(origin, request.headers.get("host"), request.scope["scheme"]):
            return refusal(403, f"Pages of {origin} may not call this API"), []
        if request.method == "OPTIONS":
            return Response(headers={"Allow": METHODS}), self._cors.preflight_headers(origin)
        headers = self._cors.answer_headers(origin)
        try:
            await self._let_in(request)
        except Refused as refused:
            return refused.answer(), headers
        return self._app, headers

    async def _let_in(self, request: Request) -> None:
        path = request.scope["path"]
        if path in OPEN:
            return
        caller = await self._login.recognise(request)
        below = path.removeprefix(ROOT)
        obstacle = self._rules.obstacle(is_admin=caller.is_admin, method=request.method, path=below)
        if obstacle is not None:
            self._trail.refused(caller.name, request, obstacle)
            raise Refused(403, obstacle)
        request.state.caller = caller


def _adding(send: Send, headers: list[tuple[str, str]]) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            found = MutableHeaders(scope=message)
            for name, value in headers:
                found.append(name, value)
        await send(message)

    return sending
