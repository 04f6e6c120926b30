"""What this release knows and does not use yet: it is named once at start and never unknown."""

from collections.abc import Mapping
from typing import Final

_NAMES = """
    analytics authorization_manager blocking cpu_watcher
    custom_transport dashboard_config database encryption external_vault icp_config integration
    keystore.internal limit_java_class_access_in_scripts liveness_probe
    log_pattern log_watcher memory_watcher metric_handler
    monitoring opentelemetry passthru_properties realm_manager server_configuration service_catalog
    super_admin synapse_handlers synapse_properties tasks traffic_analyzer transaction_counter
    transport.blocking transport.fix transport.hl7 transport.jms transport.jndi transport.local
    transport.mail transport.mqtt transport.msmq transport.rabbitmq transport.sap transport.tcp transport.udp
    transport.vfs transport.ws transport.wss user_store ws_security zip_file_configuration
"""

LATER_SECTIONS: Final = tuple(_NAMES.split())
"""Sections of the published catalogue whose values nobody looks at."""

WAITING: Final[Mapping[str, tuple[str, ...]]] = {
    "server": ("config_hot_reload",),
}
"""Settings whose values are checked, and whose feature is still to come."""


def is_waiting(name: str) -> bool:
    """Whether the key with the dotted `name` is checked and has no effect yet."""
    section, _, key = name.partition(".")
    return key in WAITING.get(section, ())
