"""[server]: name, ports, deployment and stopping of this node."""

from collections.abc import Iterator

from micro_integrator.config.keys import key, section
from micro_integrator.config.kinds import boolean, filled, integer, milliseconds, seconds, size, strings


@section(
    "server",
    later="""
    service_path proxy_context_path web_context_root enable_basic_auth strict_service_path_validation
    disable_rest send_stacktrace_details_with_faults drill_down_to_root_cause_for_fault_reason enable_mtom
    enable_swa cache_attachments attachment_dir size_threshold hide_admin_service_wsdl
    config_context_timeout_interval user_agent server_details get_request_processor.*
    """,
)
class ServerSettings:
    """Name, ports, deployment and stopping of this node."""

    hostname: str = key(
        "localhost", kind=filled, doc="name other programs reach this node by; not used for binding"
    )
    offset: int = key(
        10,
        kind=integer(at_least=0, at_most=65535),
        properties=("portOffset",),
        doc="added to every base port",
    )
    roles: tuple[str, ...] = key(
        ["EnterpriseIntegrator", "EnterpriseServiceBus", "DataServicesServer"],
        kind=strings,
        properties=("serverRoles",),
        doc="server roles whose artifacts of an archive are deployed here",
    )
    hot_deployment: bool = key(
        True, kind=boolean, doc="look for changed artifacts while running; false: one pass at start"
    )
    deployment_update_interval: float = key(
        1, kind=seconds(at_least=0.01), doc="seconds between two looks at the hot folders"
    )
    deployment_settle_time: float = key(
        1.0, kind=seconds(), doc="seconds a file must have been left unchanged before it is read"
    )
    carbonapps_dir: tuple[str, ...] = key(
        ["carbonapps"], kind=strings, doc="hot folders, relative to the home; a list is allowed"
    )
    synapse_config_file_path: str = key(
        "repository/deployment/server/synapse-configs",
        kind=filled,
        doc="root of loose artifacts, relative to the home; read from its folder `default`",
    )
    archive_max_unpacked: int = key("512 MiB", kind=size, doc="unpacked size an archive may have")
    archive_max_ratio: int = key(100, kind=integer(at_least=1), doc="unpacked to packed size of a member")
    archive_max_members: int = key(10000, kind=integer(at_least=1), doc="members an archive may have")
    artifact_max_xml: int = key("16 MiB", kind=size, doc="size of one artifact file")
    graceful_shutdown_enabled: bool = key(
        True,
        kind=boolean,
        properties=("gracefulShutdown",),
        doc="limit a stop by `graceful_shutdown_timeout`",
    )
    graceful_shutdown_timeout: float = key(
        60000,
        kind=milliseconds(),
        aliases=("graceful_stop_timeout",),
        doc="milliseconds a stop may take before what still runs is named and left behind",
    )
    lb_drain_delay: float = key(
        0, kind=seconds(), doc="seconds between not being ready and closing the data ports"
    )
    config_hot_reload: bool = key(
        False, kind=boolean, doc="apply reloadable keys when this file changes, not only on SIGHUP"
    )

    def problems(self) -> Iterator[tuple[str, str]]:
        """Refuse a node that would look nowhere."""
        if not self.carbonapps_dir:
            yield "carbonapps_dir", "expected at least one folder"
