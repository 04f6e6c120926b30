"""What load balancers, container platforms and Prometheus ask this node; no answer waits for anything.

/healthz /readiness     should this node get traffic?       200 ready, else 503 and the reason
/liveness               does its event loop turn?           200, or 503 after a standstill of 5 s
/startupz               has it started once?                503 until then
/metrics /metric-service/metrics                            Prometheus text, OpenMetrics when asked for

Other parts of the server may show something on the same listener, below a path of their own.
"""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from micro_integrator.management.listener import Listener
from micro_integrator.management.readiness import Readiness
from micro_integrator.observability import OPENMETRICS, PLAIN, metrics_text

PORT_KEY = "[mediation] internal_http_api_port"
STANDSTILL = 5.0
"""Seconds of event-loop lag after which the process no longer counts as alive."""


Answer = Callable[[Request], Awaitable[Response]]


class Probes(Listener):
    """The internal HTTP listener: opens first and closes last, so that it can say "not ready" at any time."""

    def __init__(
        self,
        readiness: Readiness,
        lag: Callable[[], float],
        *,
        host: str,
        port: int,
        offset: int,
        with_metrics: bool = True,
    ) -> None:
        """Remember: `lag` tells the worst event-loop lag of late in seconds; `port` is the effective one."""
        self._readiness, self._lag = readiness, lag
        self._rendering = asyncio.Lock()
        self._fork = _Fork(self._application(with_metrics))
        super().__init__(self._fork, key=PORT_KEY, host=host, port=port, offset=offset)

    def show(self, path: str, app: ASGIApp) -> None:
        """Let `app` answer for `path` and all below it."""
        self._fork.others[path] = app

    def _application(self, with_metrics: bool) -> Starlette:
        answers: dict[str, Answer] = {
            "/healthz": self._ready,
            "/readiness": self._ready,
            "/liveness": self._live,
            "/startupz": self._started,
        }
        if with_metrics:
            answers |= {"/metrics": self._metrics, "/metric-service/metrics": self._metrics}
        app = Starlette(
            routes=[Route(path, answer, methods=["GET"]) for path, answer in answers.items()],
            exception_handlers={HTTPException: _refusal},
        )
        app.router.redirect_slashes = False
        return app

    async def _ready(self, _: Request) -> Response:
        status, body = self._readiness.answer()
        return JSONResponse(body, status)

    async def _live(self, _: Request) -> Response:
        lag = self._lag()
        if lag > STANDSTILL:
            return JSONResponse({"server": f"event loop stood still for {lag:.1f} s"}, 503)
        return Response(
            '{"server" : "started"}', media_type="application/json"
        )  # to the letter, blanks included

    async def _started(self, _: Request) -> Response:
        if self._readiness.has_started:
            return JSONResponse({"status": "started"})
        return JSONResponse({"status": "starting"}, 503)

    async def _metrics(self, request: Request) -> Response:
        is_open = "application/openmetrics-text" in request.headers.get("accept", "")
        names = request.query_params.getlist("name[]")
        async with self._rendering:  # one at a time: a thread per impatient client would slow down the tasks
            text = await asyncio.to_thread(metrics_text, openmetrics=is_open, names=names)
        return Response(text, headers={"Content-Type": OPENMETRICS if is_open else PLAIN})


class _Fork:
    """Sends each request to the application of its path."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.others: dict[str, ASGIApp] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = f"{scope['path']}/"
        found = (app for prefix, app in self.others.items() if path.startswith(f"{prefix}/"))
        await next(found, self._app)(scope, receive, send)


async def _refusal(_: Request, error: Exception) -> Response:
    """Answer 404 and 405 in the format of all other answers."""
    assert isinstance(error, HTTPException)  # noqa: S101 - tells the type checker what Starlette promises
    return JSONResponse({"error": error.detail}, error.status_code, headers=error.headers)
