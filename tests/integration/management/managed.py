"""A home with files in its folders, the management API over it, and a browserless client that speaks HTTPS to it."""

import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from integration.deployment.node import Node

from micro_integrator.config import (
    Home,
    ManagementApiSettings,
    UserAccessSettings,
    UserSettings,
)
from micro_integrator.management import ManagementListener, ThisNode, Users, management_app, own_key_store

ADMIN = ("boss", "s3cret-of-boss")
READER = ("nora", "s3cret-of-nora")
USERS = (
    UserSettings(name=ADMIN[0], password=ADMIN[1]),
    UserSettings(name=READER[0], password=READER[1], is_admin=False),
)


@dataclass
class Line:
    """One task as the tasks room would tell it."""

    name: str
    owner: str | None = "node-1"
    destined: str | None = "node-1"
    last_fire_ms: int | None = 1_699_999_995_500
    next_fire_ms: int | None = 1_700_000_000_500
    last_key: int | None = 7
    last_state: str | None = "DONE"
    intent: str = "RUN"
    state: str = "ASSIGNED"
    runs: int = 8
    skipped: int = 0
    failed: int = 1


@dataclass
class TaskLines:
    """What is known of tasks; `error` is raised instead when it is set."""

    lines: list[Line] = field(default_factory=list)
    error: Exception | None = None

    async def list(self) -> Sequence[Line]:
        if self.error is not None:
            raise self.error
        return self.lines


@dataclass
class Managed:
    """The API and what stands behind it."""

    node: Node
    tasks: TaskLines
    client: httpx.AsyncClient

    async def token(self, who: tuple[str, str] = ADMIN) -> str:
        """Log in; returns the token."""
        answer = await self.client.get("/login", auth=who)
        assert answer.status_code == 200, answer.text
        token: str = answer.json()["AccessToken"]
        return token

    async def get(
        self, path: str, who: tuple[str, str] = ADMIN, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Log in and ask for one resource."""
        bearer = {"Authorization": f"Bearer {await self.token(who)}"}
        return await self.client.get(path, headers={**bearer, **(headers or {})})


@asynccontextmanager
async def managed(
    root: Path,
    *,
    settings: ManagementApiSettings | None = None,
    access: UserAccessSettings | None = None,
    users: Users | None = None,
    **facts: Any,
) -> AsyncIterator[Managed]:
    """Open the API over the empty home `root`; what is written into `node` is deployed by `node.start()`.

    `facts` are beside what `ThisNode` has to know.
    """
    node, tasks = Node(root), TaskLines()
    this = ThisNode(
        version="9.8.7",
        home=root,
        node_id="node-1",
        is_clustered=True,
        catalogue=node.deployment.catalogue,
        tasks=tasks,
        addresses=("http://localhost:8290", "https://localhost:8253"),
        **facts,
    )
    key_store = own_key_store(Home(root), "localhost").file_name
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(str(key_store))
    settings = settings or ManagementApiSettings(bind_address="127.0.0.1")
    app = management_app(settings, access or UserAccessSettings(), users or Users(USERS), this)
    api = ManagementListener(app, host="127.0.0.1", port=0, offset=10, tls=tls)
    try:
        async with (
            api,
            httpx.AsyncClient(
                base_url=f"https://localhost:{api.port}/management",
                verify=ssl.create_default_context(cafile=key_store),
                trust_env=False,
            ) as client,
        ):
            yield Managed(node, tasks, client)
    finally:
        await node.stop()
