"""The management API of a node, by its settings: what it shows, whom it lets in, and where it listens."""

import asyncio
import ssl
from contextlib import AsyncExitStack

from micro_integrator import __version__
from micro_integrator.config import KeyStoreSettings, Settings
from micro_integrator.management import ROOT, ManagementListener, Probes, ThisNode, management_app, users_of
from micro_integrator.server.node import Node
from micro_integrator.transports import server_context


async def open_management(
    house: AsyncExitStack, node: Node, node_key: KeyStoreSettings, probes: Probes | None
) -> dict[str, int]:
    """Open the API on the protocols that are asked for; returns the port by its name. Raises MicroIntegratorError.

    Over HTTP it answers on the listener of the probes.
    """
    settings = node.settings
    wanted, store = settings.management_api, settings.internal_apis_file_user_store
    if not wanted.enable:
        return {}
    users = await asyncio.to_thread(users_of, settings.users, store, settings.home)
    # one for both protocols: a token that one has handed out is good on the other, until it is given back to either
    app = management_app(wanted, settings.user_access, users, _shown(node))
    if wanted.answers_on("http") and probes is not None:
        probes.show(ROOT, app)
    if not wanted.answers_on("https"):
        return {}
    tls = await asyncio.to_thread(_context, settings, node_key)
    port, offset = settings.ports.internal_https, settings.server.offset
    api = ManagementListener(app, host=wanted.bind_address, port=port, offset=offset, tls=tls)
    await house.enter_async_context(api)
    return {"internal_https": api.port}


def _shown(node: Node) -> ThisNode:
    host = node.settings.server.hostname
    return ThisNode(
        version=__version__,
        home=node.settings.home.root,
        node_id=node.node_id,
        is_clustered=node.cluster.is_clustered,
        catalogue=node.deployment.catalogue,
        tasks=node.tasks.control,
        data_sources=node.settings.datasources,
        revoked_tokens=node.cluster.revoked_tokens,
        addresses=[f"{scheme}://{host}:{port}" for scheme, port in node.listener.ports.items()],
    )


def _context(settings: Settings, node_key: KeyStoreSettings) -> ssl.SSLContext:
    chosen = settings.internal_api_ssl_config
    return server_context(
        chosen.key_store if chosen.key_store.file_name else node_key,
        settings.home.root,
        versions=chosen.speaks,
        verify=chosen.verify_client,
        trust=chosen.trust_store,
    )
