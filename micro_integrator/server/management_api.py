"""The management API of a node, by its settings: what it shows, whom it lets in, and where it listens."""

import asyncio
from contextlib import AsyncExitStack

from micro_integrator import __version__
from micro_integrator.config import HttpListenerSettings, KeyStoreSettings, Settings
from micro_integrator.kit import Clock, SystemClock
from micro_integrator.management import ROOT, ManagementListener, Probes, ThisNode, management_app, users_of
from micro_integrator.server.node import Node
from micro_integrator.transports import ServerTls

LOOK_EVERY = 10.0
"""Seconds after which a changed certificate is noticed."""


async def open_management(
    house: AsyncExitStack,
    node: Node,
    node_key: KeyStoreSettings,
    probes: Probes | None,
    clock: Clock | None = None,
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
    tls = _tls(settings, node_key)
    context = await asyncio.to_thread(tls.lasting_context)
    port, offset = settings.ports.internal_https, settings.server.offset
    api = ManagementListener(app, host=wanted.bind_address, port=port, offset=offset, tls=context)
    await house.enter_async_context(api)
    api.spawn(_look_after(tls, clock or SystemClock()), "certificates")
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


def _tls(settings: Settings, node_key: KeyStoreSettings) -> ServerTls:
    chosen = settings.internal_api_ssl_config
    like_a_listener = HttpListenerSettings(
        keystore=chosen.key_store,
        truststore=chosen.trust_store,
        verify_client=chosen.verify_client,
        secured_protocols=chosen.protocols,
    )
    return ServerTls(like_a_listener, settings.home.root, node_key, "management API")


async def _look_after(tls: ServerTls, clock: Clock) -> None:
    while True:
        tls.tell_ends()
        await clock.sleep(LOOK_EVERY)
        await asyncio.to_thread(tls.reload_if_changed)
