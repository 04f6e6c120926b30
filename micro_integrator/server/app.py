"""The composition root: which rooms there are, in which order they come to life, and who knows whom.

The order of life is the order of lines in `running`; death is the reverse. Read this page first.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

from micro_integrator import __version__
from micro_integrator.cluster import Member, Standalone, join
from micro_integrator.config import Home, Settings, SynapseSettings, load, reloadable
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
from micro_integrator.observability import EventLoopLag, get_logger, server_is_up, toggle_debug
from micro_integrator.registry import Registry
from micro_integrator.server.log_outputs import open_logs
from micro_integrator.server.management_api import open_management
from micro_integrator.server.node_key import node_key_store
from micro_integrator.server.resolver_choice import planning
from micro_integrator.server.shutdown import Shutdown
from micro_integrator.server.startup import Phases
from micro_integrator.synapse import Cors, Engine, JsonXmlRules, Surroundings
from micro_integrator.tasks import Limits, Planning, Tasks
from micro_integrator.transports import HttpListener, HttpSender

log = get_logger("CarbonServer")

MOST_WAITING = 10_000
"""Task sequences that may wait for a place when `threads_queue_length` is -1: memory is a limit."""


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator["Node"]:
    """Open a server on `settings`; inside the block it works, after it everything is given back.

    Raises MicroIntegratorError for what an operator can mend.
    """
    phases = Phases()
    plan = planning(settings)
    readiness = _readiness(settings)
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
        http = await begin(
            HttpSender(
                settings.transport_http, settings.home.root, max_body=settings.mediation.payload_max_bytes
            )
        )
        engine = await begin(
            Engine(
                surroundings(settings, registry),
                tasks=tasks,
                senders={"http": http, "https": http},
                max_in_flight=settings.mediation.max_in_flight,
                fault_drop_status=settings.mediation.fault_drop_status,
                cors=_cors(settings.mediation.synapse),
            )
        )

        _make_hot_folder(settings.home)

        async def after_pass() -> None:
            readiness.faulty = [found.shown for found in deployment.faulty]

        deployment = await begin(
            Deployment(settings, engine, registry, environ=os.environ, after_pass=after_pass)
        )
        phases.done("artifacts")
        node_key = await asyncio.to_thread(node_key_store, settings)
        listener = await begin(
            HttpListener(
                settings.transport_http,
                settings.home.root,
                engine.serve,
                offset=settings.server.offset,
                server=settings.server_name,
                node_key=node_key,
            )
        )
        ports.update(listener.ports)
        addresses = [
            f"{scheme}://{settings.server.hostname}:{port}" for scheme, port in listener.ports.items()
        ]
        ports |= await open_management(
            house, settings, node_key, cluster, tasks, deployment, probes, addresses
        )
        phases.done("transports")
        node = Node(settings, cluster, tasks, deployment, listener, readiness, ports)
        await _open_control(house, node)
        await deployment.activate()  # tasks begin to work: JOINING becomes ACTIVE
        await tasks.deployed()
        readiness.deployed, readiness.starting = True, False
        server_is_up(settings.server.hostname, ports.get("internal_http", 0), __version__)
        phases.tell()
        settle_heap()  # a full collection would come when work does: 130 ms in the middle of a takeover
        yield node


@dataclass
class Node:
    """A running server, as the daemon and the control socket see it."""

    settings: Settings
    cluster: Member | Standalone
    tasks: Tasks
    deployment: Deployment
    listener: HttpListener
    readiness: Readiness
    ports: Mapping[str, int]
    restart_wanted: bool = False
    _applied: Settings | None = field(default=None, init=False)

    @property
    def node_id(self) -> str:
        """The id under which this node is known in its group."""
        return self.cluster.node_id

    async def drain(self) -> bool:
        """Take nothing new and finish what runs; False when something had to be cancelled."""
        return await Shutdown(
            self.settings, self.readiness, self.deployment, self.tasks, self.listener, self.cluster
        ).drain()

    def reload(self) -> None:
        """Read deployment.toml and the log levels again. Raises MicroIntegratorError; then nothing changed."""
        former = self._applied or self.settings
        properties = {**self.settings.properties, "nodeId": self.node_id}  # a random one must not change
        fresh = load(self.settings.home.root, properties=properties, environ=os.environ)
        changes = reloadable(former, fresh)
        open_logs(fresh)
        self.tasks.plan_every(fresh.task_handling.resolving_period)
        self._applied = fresh
        log.info("Reloaded; in force now: {keys}", keys=", ".join(changes.applied) or "log levels")
        if changes.restart:
            log.warning("These keys need a restart: {keys}", keys=", ".join(changes.restart))

    def toggle_debug(self) -> None:
        """Switch the root logger to DEBUG, or back."""
        log.info("Root logger is now at {level}", level=toggle_debug())

    def report(self) -> dict[str, object]:
        """Return what `status` shows."""
        return {
            "node id": self.node_id,
            "ports": ", ".join(f"{name} {port}" for name, port in self.ports.items()),
            "coordinator": self.cluster.is_leader,
            "clustered": self.cluster.is_clustered,
            "joined": self.cluster.is_joined,
            "tasks": self.tasks.running,
            "ready": self.readiness.is_ready,
        }


def surroundings(settings: Settings, registry: Registry) -> Surroundings:
    """Return what messages can see beyond themselves, by the settings."""
    mediation = settings.mediation
    return Surroundings(
        registry=registry,
        system=dict(settings.properties),
        may_write_system=mediation.allow_system_property_write,
        environ=os.environ,
        json_xml=_json_xml(mediation.synapse),
        max_payload=mediation.payload_max_bytes,
        max_log_line=mediation.log_line_max_bytes,
        masks=mediation.log_mask_patterns,
        call_time_limit=mediation.synapse.global_timeout_interval,
    )


def _tasks(settings: Settings, cluster: Member | Standalone, plan: Planning) -> Tasks:
    places, queue = settings.mediation.synapse.max_threads, settings.mediation.synapse.threads_queue_length
    limits = Limits(beside=places, total=places + (queue if queue >= 0 else MOST_WAITING))
    return Tasks(cluster, settings.home.registry / "local" / "pinned-tasks.json", limits, plan)


def _cors(synapse: SynapseSettings) -> Cors:
    return Cors.of_settings(
        is_enabled=synapse.rest_cors_enable,
        origins=synapse.rest_cors_allow_origin,
        headers=synapse.rest_cors_allow_headers,
    )


def _json_xml(synapse: SynapseSettings) -> JsonXmlRules:
    text, replaced = synapse.disable_auto_primitive_regex, synapse.disable_custom_replace_regex
    return JsonXmlRules(
        with_nil=synapse.enable_xml_nil,
        escape_names=synapse.build_valid_nc_name,
        auto_primitive=synapse.enable_auto_primitive,
        with_namespaces=synapse.preserve_namespace_on_xml_to_json or synapse.enable_namespace_declaration,
        text_pattern=re.compile(text) if text else None,
        replace_pattern=re.compile(replaced) if replaced else None,
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
    log.info(
        "Starting WSO2 Micro Integrator {version} in {home}", version=__version__, home=settings.home.root
    )
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
