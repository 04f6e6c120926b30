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

from micro_integrator import PRODUCT
from micro_integrator.config import DataSourceSettings, ManagementApiSettings, UserAccessSettings
from micro_integrator.deployment import Catalogue
from micro_integrator.kit import MicroIntegratorError, boottime
from micro_integrator.management.listener import Listener
from micro_integrator.management.rest.applications import ApplicationList
from micro_integrator.management.rest.cors import Cors
from micro_integrator.management.rest.data_sources import DataSourceList
from micro_integrator.management.rest.gate import Gate
from micro_integrator.management.rest.given_back import GivenBack, RevokedTokens
from micro_integrator.management.rest.login import Login
from micro_integrator.management.rest.permission import Rules
from micro_integrator.management.rest.refusal import refusal
from micro_integrator.management.rest.resources import Resource, route
from micro_integrator.management.rest.server import ServerFacts
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

HERE_ONLY = "Logged out on this node; the database does not answer, so the others are told later"
"""What a logout hears that could not be told to the group."""

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
    data_sources: Mapping[str, DataSourceSettings] = field(default_factory=dict)
    revoked_tokens: RevokedTokens | None = None
    """Those that all nodes of the group know of; None on a node that is alone."""
    addresses: Sequence[str] = ()
    """Where APIs can be called, such as `http://localhost:8290`."""
    started_at: float = field(default_factory=boottime)
    """Seconds of `boottime`."""


class ManagementListener(Listener):
    """The HTTPS listener of the management API."""

    def __init__(self, app: ASGIApp, *, host: str, port: int, offset: int, tls: ssl.SSLContext) -> None:
        """Remember: `app` is the API; `port` is the effective one, `offset` for the message when it is taken."""
        super().__init__(app, key=PORT_KEY, host=host, port=port, offset=offset, tls=tls)


def management_app(
    settings: ManagementApiSettings, access: UserAccessSettings, users: Users, node: ThisNode
) -> ASGIApp:
    """Return the API as an ASGI application, which may answer on several listeners."""
    trail, is_guarded = Trail(node.node_id), settings.authorization_handler.enable
    login = _login(settings, users, node, trail)
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


def _login(settings: ManagementApiSettings, users: Users, node: ThisNode, trail: Trail) -> Login:
    chosen = settings.jwt_token_security_handler
    # without a key that all nodes have, no other node takes this node's tokens anyway
    shared = node.revoked_tokens if chosen.secret else None
    return Login(settings, users, Tokens(chosen.secret, chosen.expiry), GivenBack(shared), trail)


Answer = Callable[[Request], Awaitable[Response]]


def _answers(node: ThisNode, login: Login, *, is_guarded: bool) -> Mapping[str, Answer]:
    async def root(_: Request) -> Response:
        return JSONResponse({PRODUCT: node.version, "ManagementApi": "Active"})

    async def enter(request: Request) -> Response:
        return JSONResponse({"AccessToken": await login.enter(request)})

    async def leave(request: Request) -> Response:
        is_known = await login.leave(request.state.caller, request)
        return JSONResponse({"Message": "Logged out" if is_known else HERE_ONLY})

    fixed = (apis(node.addresses), ENDPOINTS, SEQUENCES, LOCAL_ENTRIES, *NOT_YET)
    return {
        "": root,
        "/": root,
        "/login": enter,
        "/logout": leave,
        "/server": ServerFacts(node.version, node.home, node.node_id, node.started_at),
        "/applications": ApplicationList(lambda: node.catalogue, downloads_need_admin=is_guarded),
        "/data-sources": DataSourceList(node.data_sources),
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
    return tasks(lines, node_id=node.node_id, is_clustered=node.is_clustered)


async def _http_error(_: Request, error: Exception) -> Response:
    """Answer 404 and 405 in the form of all other answers."""
    assert isinstance(error, HTTPException)  # noqa: S101 - tells the type checker what Starlette promises
    return refusal(error.status_code, error.detail, error.headers)
