"""Sections of the published catalogue that this release knows and does not use yet.

Their keys are named once at start and are never unknown.
"""

from typing import Final

_NAMES = """
    analytics authorization_manager blocking cpu_watcher custom_message_builders custom_message_formatters
    custom_transport dashboard_config database encryption external_vault icp_config integration
    internal_api_ssl_config internal_apis keystore limit_java_class_access_in_scripts liveness_probe
    log_pattern log_watcher management_api memory_watcher message_builders message_formatters metric_handler
    monitoring opentelemetry passthru_properties realm_manager server_configuration service_catalog
    super_admin synapse_handlers synapse_properties tasks traffic_analyzer transaction_counter
    transport.blocking transport.fix transport.hl7 transport.jms transport.jndi transport.local
    transport.mail transport.mqtt transport.msmq transport.rabbitmq transport.sap transport.tcp transport.udp
    transport.vfs transport.ws transport.wss user_access user_store ws_security zip_file_configuration
"""

LATER_SECTIONS: Final = tuple(_NAMES.split())
