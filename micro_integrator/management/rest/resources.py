"""The resources of artifacts: a list, or one of it when the query names one."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from micro_integrator.deployment import Application
from micro_integrator.management.rest.refusal import Refused, refusal
from micro_integrator.management.rest.selection import Row, listed
from micro_integrator.management.rest.views.view import View, deployed
from micro_integrator.observability import get_logger

ROOT = "/management"
"""What the paths of all resources begin with."""

log = get_logger("ManagementApi")

Applications = Callable[[], Iterable[Application]]
"""Everything in the deployment folders, at this moment."""


class Resource:
    """Answers for one view; `view` is asked for anew by every call, for some know the state of the moment."""

    def __init__(self, applications: Applications, view: Callable[[], Awaitable[View]]) -> None:
        self._applications, self._view = applications, view

    async def __call__(self, request: Request) -> Response:
        """Answer with the list, or with one artifact. Raises Refused."""
        view = await self._view()
        found = deployed(self._applications(), view.kind)
        name = view.named(request.query_params)
        if name is None:
            # in a thread: with a thousand artifacts, reading all definitions takes longer than others like to wait
            rows = await asyncio.to_thread(view.rows, found)
            return JSONResponse(listed(rows, request.query_params))
        one = next((one for one in found if one.name == name), None)
        if one is None:
            raise Refused(404, f"There is no {view.kind} '{name}'")
        told: Row = await asyncio.to_thread(view.told, one)
        return JSONResponse(told)


def route(path: str, answer: Callable[[Request], Awaitable[Response]]) -> Route:
    """Return the route of a resource below the root of the API; it is only read."""

    async def endpoint(request: Request) -> Response:
        try:
            return await answer(request)
        except Refused as refused:
            return refused.answer()
        except Exception as error:  # one odd artifact must not end in an answer that is no JSON
            log.error("[{path}] failed: {error}", path=path, error=repr(error), exc_info=error)
            return refusal(500, "The call failed unexpectedly; see the log of the node")

    return Route(f"{ROOT}{path}", endpoint, methods=["GET"])
