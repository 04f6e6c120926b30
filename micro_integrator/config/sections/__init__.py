"""The sections of deployment.toml that this release uses, one file each.

`ROOTS` is the catalogue: reading, suggestions and the page `docs/configuration.md` start from it.
"""

from typing import Any, Final

from micro_integrator.config.sections.access_log import AccessLogSettings
from micro_integrator.config.sections.cluster import ClusterSettings
from micro_integrator.config.sections.datasource import COORDINATION, DataSourceSettings, PoolOptions
from micro_integrator.config.sections.http_listener import HttpListenerSettings, ListenerProfileSettings
from micro_integrator.config.sections.http_sender import HttpSenderSettings, SenderProfileSettings
from micro_integrator.config.sections.internal_apis import FileUserStoreSettings, UserSettings
from micro_integrator.config.sections.keystore import InternalTlsSettings, KeyStoreSettings
from micro_integrator.config.sections.logging import LoggingSettings
from micro_integrator.config.sections.management_api import (
    AuthorizationSettings,
    BasicSettings,
    CorsSettings,
    ManagementApiSettings,
    TokenSettings,
    UserAccessSettings,
)
from micro_integrator.config.sections.masking import MaskingSettings
from micro_integrator.config.sections.mediation import MediationSettings, SynapseSettings
from micro_integrator.config.sections.message_formats import (
    CustomBuilderSettings,
    CustomFormatterSettings,
    MessageBuildersSettings,
    MessageFormattersSettings,
)
from micro_integrator.config.sections.probes import PrometheusSettings, ReadinessProbeSettings
from micro_integrator.config.sections.proxy_profile import ProxyProfileSettings
from micro_integrator.config.sections.secrets import SecretsSection, SystemParameters
from micro_integrator.config.sections.server import ServerSettings
from micro_integrator.config.sections.task_handling import TaskHandlingSettings, TaskResolverSettings
from micro_integrator.config.sections.transport_http import HttpTransportSettings
from micro_integrator.config.sections.truststore import TrustStoreSettings

ROOTS: Final[tuple[type[Any], ...]] = (
    ServerSettings,
    ClusterSettings,
    TaskHandlingSettings,
    TaskResolverSettings,
    DataSourceSettings,
    SecretsSection,
    LoggingSettings,
    MaskingSettings,
    MediationSettings,
    HttpTransportSettings,
    MessageBuildersSettings,
    MessageFormattersSettings,
    CustomBuilderSettings,
    CustomFormatterSettings,
    TrustStoreSettings,
    ReadinessProbeSettings,
    PrometheusSettings,
    ManagementApiSettings,
    UserAccessSettings,
    FileUserStoreSettings,
    UserSettings,
    KeyStoreSettings,
    InternalTlsSettings,
    SystemParameters,
)

__all__ = [
    "COORDINATION",
    "ROOTS",
    "AccessLogSettings",
    "AuthorizationSettings",
    "BasicSettings",
    "ClusterSettings",
    "CorsSettings",
    "CustomBuilderSettings",
    "CustomFormatterSettings",
    "DataSourceSettings",
    "FileUserStoreSettings",
    "HttpListenerSettings",
    "HttpSenderSettings",
    "HttpTransportSettings",
    "InternalTlsSettings",
    "KeyStoreSettings",
    "ListenerProfileSettings",
    "LoggingSettings",
    "ManagementApiSettings",
    "MaskingSettings",
    "MediationSettings",
    "MessageBuildersSettings",
    "MessageFormattersSettings",
    "PoolOptions",
    "PrometheusSettings",
    "ProxyProfileSettings",
    "ReadinessProbeSettings",
    "SecretsSection",
    "SenderProfileSettings",
    "ServerSettings",
    "SynapseSettings",
    "SystemParameters",
    "TaskHandlingSettings",
    "TaskResolverSettings",
    "TokenSettings",
    "TrustStoreSettings",
    "UserAccessSettings",
    "UserSettings",
]
