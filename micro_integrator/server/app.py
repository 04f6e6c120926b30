"""The composition root: which rooms there are, in which order they come to life, and who knows whom.

The order of life is the order of lines in `running`; death is the reverse. Read this page first.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import PurePath

from micro_integrator import PRODUCT, __version__
from micro_integrator.cluster import Member, Standalone, join
from micro_integrator.config import Home, KeyStoreSettings, Settings, SynapseSettings
from micro_integrator.deployment import Deployment
from micro_integrator.kit import MicroIntegratorError, SystemClock, settle_heap
from micro_integrator.management import (
    Control,
    Probes,
    Readiness,
    cluster_commands,
    status_command,
    task_commands,
)
from micro_integrator.observability import EventLoopLag, get_logger, server_is_up
from micro_integrator.registry import Registry
from micro_integrator.server.management_api import open_management
from micro_integrator.server.node import Node
from micro_integrator.server.node_key import node_key_store
from micro_integrator.server.resolver_choice import planning
from micro_integrator.server.startup import Phases
from micro_integrator.server.surroundings import surroundings
from micro_integrator.server.watching import has_correlation_log, watched_sender, watched_serving
from micro_integrator.synapse import Cors, Engine
from micro_integrator.tasks import Limits, Planning, Tasks
from micro_integrator.transports import HttpListener, HttpSender

log = get_logger("CarbonServer")

MOST_WAITING = 10_000
"""Task sequences that may wait for a place when `threads_queue_length` is -1: memory is a limit."""


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Node]:
    """Open a server on `settings`; inside the block it works, after it everything is given back.

    Raises MicroIntegratorError for what an operator can mend.
    """
    phases, plan, readiness = Phases(), planning(settings), _readiness(settings)
    async with AsyncExitStack() as house:
        begin = house.enter_async_context
        lag = await begin(EventLoopLag(SystemClock()))
        probes = await _open_probes(house, settings, readiness, lag)  # first in, last out: 503 "starting"
        ports = {} if probes is None else {"internal_http": probes.port}
        _introduce(settings, ports)
        phases.done("config")
        registry = Registry(settings.home.registry)
        phases.done("registry")
        cluster = join(settings)
        await begin(cluster)
        readiness.is_joined = lambda: cluster.is_joined
        phases.done("cluster")
        tasks = await begin(_tasks(settings, cluster, plan))
        sender = await begin(_sender(settings))
        engine = await begin(_engine(settings, registry, tasks, sender))
        _make_hot_folder(settings.home)
        deployment = await begin(_deployment(settings, engine, registry, readiness))
        phases.done("artifacts")
        node_key = await asyncio.to_thread(node_key_store, settings)
        listener = await begin(_listener(settings, engine, node_key))
        node = Node(settings, cluster, tasks, deployment, listener, readiness, {**ports, **listener.ports})
        node.ports |= await open_management(house, node, node_key, probes)
        phases.done("transports")
        await _open_control(house, node)
        await _begin_work(node)
        phases.tell()
        settle_heap()  # a full collection would come when work does: 130 ms in the middle of a takeover
        yield node


async def _begin_work(node: Node) -> None:
    await node.deployment.activate()  # tasks begin to work: JOINING becomes ACTIVE
    await node.tasks.deployed()
    node.readiness.deployed, node.readiness.starting = True, False
    server_is_up(node.settings.server.hostname, node.ports.get("internal_http", 0), __version__)


def _tasks(settings: Settings, cluster: Member | Standalone, plan: Planning) -> Tasks:
    places, queue = settings.mediation.synapse.max_threads, settings.mediation.synapse.threads_queue_length
    limits = Limits(beside=places, total=places + (queue if queue >= 0 else MOST_WAITING))
    return Tasks(cluster, settings.home.registry / "local" / "pinned-tasks.json", limits, plan)


def _sender(settings: Settings) -> HttpSender:
    return HttpSender(
        settings.transport_http,
        settings.home.root,
        max_body=settings.mediation.payload_max_bytes,
        tells_stages=has_correlation_log(settings),
    )


def _engine(settings: Settings, registry: Registry, tasks: Tasks, sender: HttpSender) -> Engine:
    mediation, http = settings.mediation, watched_sender(settings, sender)
    return Engine(
        surroundings(settings, registry),
        tasks=tasks,
        senders={"http": http, "https": http},
        max_in_flight=mediation.max_in_flight,
        fault_drop_status=mediation.fault_drop_status,
        cors=_cors(mediation.synapse),
    )


def _deployment(settings: Settings, engine: Engine, registry: Registry, readiness: Readiness) -> Deployment:
    async def after_pass() -> None:
        readiness.faulty = [PurePath(found.shown).name for found in deployment.faulty]

    deployment = Deployment(settings, engine, registry, environ=os.environ, after_pass=after_pass)
    return deployment


def _listener(settings: Settings, engine: Engine, node_key: KeyStoreSettings) -> HttpListener:
    return HttpListener(
        settings.transport_http,
        settings.home.root,
        watched_serving(settings, engine.serve),
        offset=settings.server.offset,
        server=settings.server_name,
        node_key=node_key,
        tells_stages=has_correlation_log(settings),
    )


def _cors(synapse: SynapseSettings) -> Cors:
    return Cors.of_settings(
        is_enabled=synapse.rest_cors_enable,
        origins=synapse.rest_cors_allow_origin,
        headers=synapse.rest_cors_allow_headers,
    )


def _readiness(settings: Settings) -> Readiness:
    probe = settings.readiness_probe
    return Readiness(
        __version__,
        status_code=probe.status_code,
        ignore_faulty_capps=probe.ignore_faulty_capps,
        require_coordination=probe.require_coordination,
    )


async def _open_probes(
    house: AsyncExitStack, settings: Settings, readiness: Readiness, lag: EventLoopLag
) -> Probes | None:
    if not settings.mediation.internal_http_api_enable:
        return None
    probes = Probes(
        readiness,
        lag.worst,
        host=settings.mediation.internal_http_api_bind_address,
        port=settings.ports.internal_http,
        offset=settings.server.offset,
        with_metrics=settings.prometheus_api.enable,
    )
    return await house.enter_async_context(probes)


def _introduce(settings: Settings, ports: Mapping[str, int]) -> None:
    home = settings.home.root
    log.info("Starting {product} {version} in {home}", product=PRODUCT, version=__version__, home=home)
    log.info(
        "Node id [{node}], group [{group}], server name [{server}]",
        node=settings.cluster_config.node_id,
        group=settings.cluster_config.group_id,
        server=settings.server_name,
    )
    for name, port in ports.items():
        log.info("Port {port}: {name}", port=port, name=name)


def _make_hot_folder(home: Home) -> None:
    """Give a fresh home a place to drop artifacts into; whoever looks there tells why it cannot be read."""
    folder = home.carbonapps[0]
    with suppress(OSError):  # the usual case: it is there
        folder.mkdir()
        log.info("Created [{folder}] for artifacts", folder=home.shown(folder))


async def _open_control(house: AsyncExitStack, node: Node) -> None:
    """The commands over the socket are a comfort: a home that cannot hold a socket costs them, not the node."""
    commands = {
        **status_command(node.report),
        **task_commands(node.tasks.control, node.node_id),
        **cluster_commands(node.cluster, node.tasks, node.node_id),
    }
    try:
        await house.enter_async_context(Control(node.settings.home.socket, commands))
    except MicroIntegratorError as error:
        log.warning("{error}; 'task', 'cluster' and 'status' cannot reach this node", error=error)
