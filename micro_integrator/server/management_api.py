"""The management API of a node, by its settings: what it shows, whom it lets in, and where it listens."""

import asyncio
import ssl
from collections.abc import Sequence
from contextlib import AsyncExitStack

from micro_integrator import __version__
from micro_integrator.cluster import Member, Standalone
from micro_integrator.config import KeyStoreSettings, Settings
from micro_integrator.deployment import Deployment
from micro_integrator.management import ManagementApi, Probes, ThisNode, application, users_of
from micro_integrator.tasks import Tasks
from micro_integrator.transports import server_context

PATH = "/management"


async def open_management(
    house: AsyncExitStack,
    settings: Settings,
    node_key: KeyStoreSettings,
    cluster: Member | Standalone,
    tasks: Tasks,
    deployment: Deployment,
    probes: Probes | None,
    addresses: Sequence[str],
) -> dict[str, int]:
    """Open the API on the protocols that are asked for; returns the port by its name. Raises MicroIntegratorError.

    Over HTTP it answers on the listener of the probes. `addresses` are those of the listeners of APIs, such as
    `http://localhost:8290`.
    """
    wanted, home = settings.management_api, settings.home
    if not wanted.enable:
        return {}
    node = ThisNode(
        version=__version__,
        home=home.root,
        node_id=cluster.node_id,
        is_clustered=cluster.is_clustered,
        catalogue=deployment.catalogue,
        tasks=tasks.control,
        addresses=addresses,
    )
    store = settings.internal_apis_file_user_store
    users = await asyncio.to_thread(users_of, settings.users, store, home)
    if wanted.answers_on("http") and probes is not None:
        probes.show(PATH, application(wanted, settings.user_access, users, node))
    if not wanted.answers_on("https"):
        return {}
    tls = await asyncio.to_thread(_context, settings, node_key)
    port, offset = settings.ports.internal_https, settings.server.offset
    api = ManagementApi(wanted, settings.user_access, users, node, tls=tls, port=port, offset=offset)
    await house.enter_async_context(api)
    return {"internal_https": api.port}


def _context(settings: Settings, node_key: KeyStoreSettings) -> ssl.SSLContext:
    chosen = settings.internal_api_ssl_config
    return server_context(
        chosen.key_store if chosen.key_store.file_name else node_key,
        settings.home.root,
        versions=chosen.speaks,
        verify=chosen.verify_client,
        trust=chosen.trust_store,
    )
