"""The management API as a part of the server: which resources there are, and the listener they answer on."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from micro_integrator.config import ManagementApiSettings, UserAccessSettings
from micro_integrator.deployment import Catalogue
from micro_integrator.kit import MicroIntegratorError, boottime
from micro_integrator.management.listener import Listener
from micro_integrator.management.rest.applications import ApplicationList
from micro_integrator.management.rest.cors import Cors
from micro_integrator.management.rest.gate import Gate
from micro_integrator.management.rest.login import Login
from micro_integrator.management.rest.permission import Rules
from micro_integrator.management.rest.refusal import refusal
from micro_integrator.management.rest.resources import Resource, route
from micro_integrator.management.rest.server import PRODUCT, ServerFacts
from micro_integrator.management.rest.tokens import Tokens
from micro_integrator.management.rest.trail import Trail
from micro_integrator.management.rest.users import Users
from micro_integrator.management.rest.views.apis import apis
from micro_integrator.management.rest.views.endpoints import ENDPOINTS
from micro_integrator.management.rest.views.local_entries import LOCAL_ENTRIES
from micro_integrator.management.rest.views.not_yet import NOT_YET
from micro_integrator.management.rest.views.sequences import SEQUENCES
from micro_integrator.management.rest.views.tasks import TaskLine, tasks
from micro_integrator.management.rest.views.view import View
from micro_integrator.observability import get_logger

PORT_KEY = "[mediation] internal_https_api_port"
ADMIN_PATHS = ("/users", "/roles", "/configs", "/logs", "/registry-resources/content")
STATE_LIMIT = 3.0
"""Seconds to wait for the state of tasks; a database that does not answer must not hide what is deployed."""

log = get_logger("ManagementApi")


class TaskList(Protocol):
    """What the tasks room knows of the tasks of the group."""

    async def list(self) -> Sequence[TaskLine]:
        """Return all of them. Raises MicroIntegratorError when the database does not answer."""
        ...


@dataclass(frozen=True, kw_only=True)
class ThisNode:
    """The node that is shown."""

    version: str
    home: Path
    node_id: str
    is_clustered: bool
    catalogue: Catalogue
    tasks: TaskList
    addresses: Sequence[str] = ()
    """Where APIs can be called, such as `http://localhost:8290`."""
    started_at: float = field(default_factory=boottime)
    """Seconds of `boottime`."""


class ManagementApi(Listener):
    """The HTTPS listener of the management API."""

    def __init__(
        self,
        settings: ManagementApiSettings,
        access: UserAccessSettings,
        users: Users,
        node: ThisNode,
        *,
        tls: ssl.SSLContext,
        port: int,
        offset: int,
    ) -> None:
        """Remember: `port` is the effective one, `offset` is for the message when it is taken."""
        app = application(settings, access, users, node)
        super().__init__(app, key=PORT_KEY, host=settings.bind_address, port=port, offset=offset, tls=tls)


def application(
    settings: ManagementApiSettings, access: UserAccessSettings, users: Users, node: ThisNode
) -> ASGIApp:
    """Return the API as an ASGI application."""
    trail = Trail(node.node_id)
    token_settings, is_guarded = settings.jwt_token_security_handler, settings.authorization_handler.enable
    login = Login(settings, users, Tokens(token_settings.secret, token_settings.expiry), trail)
    cors = Cors(
        settings.cors.enable,
        frozenset(settings.cors.allowed_origins),
        ", ".join(settings.cors.allowed_headers),
    )
    rules = Rules(ADMIN_PATHS if is_guarded else (), access.make_non_admin_users_read_only)
    app = Starlette(
        routes=[route(path, answer) for path, answer in _answers(node, login, is_guarded=is_guarded).items()],
        middleware=[Middleware(Gate, cors=cors, login=login, rules=rules, trail=trail)],
        exception_handlers={HTTPException: _http_error},
    )
    app.router.redirect_slashes = False
    return app


Answer = Callable[[Request], Awaitable[Response]]


def _answers(node: ThisNode, login: Login, *, is_guarded: bool) -> Mapping[str, Answer]:
    async def root(_: Request) -> Response:
        return JSONResponse({PRODUCT: node.version, "ManagementApi": "Active"})

    async def enter(request: Request) -> Response:
        return JSONResponse({"AccessToken": await login.enter(request)})

    async def leave(request: Request) -> Response:
        login.leave(request.state.caller, request)
        return JSONResponse({"Message": "Logged out"})

    fixed = (apis(node.addresses), ENDPOINTS, SEQUENCES, LOCAL_ENTRIES, *NOT_YET)
    return {
        "": root,
        "/": root,
        "/login": enter,
        "/logout": leave,
        "/server": ServerFacts(node.version, node.home, node.node_id, node.started_at),
        "/applications": ApplicationList(lambda: node.catalogue, downloads_need_admin=is_guarded),
        "/tasks": Resource(lambda: node.catalogue, lambda: _tasks_now(node)),
        **{view.path: Resource(lambda: node.catalogue, _always(view)) for view in fixed},
    }


def _always(view: View) -> Callable[[], Awaitable[View]]:
    async def same() -> View:
        return view

    return same


async def _tasks_now(node: ThisNode) -> View:
    try:
        async with asyncio.timeout(STATE_LIMIT):
            lines = {line.name: line for line in await node.tasks.list()}
    except (MicroIntegratorError, TimeoutError) as error:
        log.debug("Tasks are shown without their state: {error}", error=repr(error))
        lines = {}
    return tasks(lines, is_clustered=node.is_clustered)


async def _http_error(_: Request, error: Exception) -> Response:
    """Answer 404 and 405 in the form of all other answers."""
    assert isinstance(error, HTTPException)  # noqa: S101 - tells the type checker what Starlette promises
    return refusal(error.status_code, error.detail, error.headers)
