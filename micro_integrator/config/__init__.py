"""deployment.toml, variables and system properties become typed settings.

Offers `load`, which returns one frozen `Settings` or raises every problem with file and line, and `Home`,
the places of one node. Knows nothing of what the settings are used for, opens no connection and starts
nothing.

    toml_file, key_positions   text → tables, and the line of every key
    entries, overrides         one spelling and one value for every key
    placeholders, resolution   $env{} $sys{} $ref{} $secret{} ${} → values
    keys, kinds, sections/     what may be written: one class for each section
    reading, loading           values → `Settings`

Start with a file in `sections/`, then `loading`.
"""

from micro_integrator.config.errors import ConfigurationError, ConfigurationErrors, Place
from micro_integrator.config.home import Home
from micro_integrator.config.loading import load
from micro_integrator.config.properties_file import PropertiesFile, read_properties
from micro_integrator.config.reloading import Changes, reloadable
from micro_integrator.config.secret_file import encrypt_secrets
from micro_integrator.config.secrets import SecretError, encrypt, key_file, master_key, new_master_key
from micro_integrator.config.sections import (
    COORDINATION,
    AccessLogSettings,
    AuthorizationSettings,
    BasicSettings,
    ClusterSettings,
    CorsSettings,
    DataSourceSettings,
    FileUserStoreSettings,
    HttpListenerSettings,
    HttpSenderSettings,
    HttpTransportSettings,
    InternalTlsSettings,
    KeyStoreSettings,
    ListenerProfileSettings,
    LoggingSettings,
    ManagementApiSettings,
    MaskingSettings,
    MediationSettings,
    PoolOptions,
    PrometheusSettings,
    ProxyProfileSettings,
    ReadinessProbeSettings,
    SenderProfileSettings,
    ServerSettings,
    SynapseSettings,
    TaskHandlingSettings,
    TokenSettings,
    TrustStoreSettings,
    UserAccessSettings,
    UserSettings,
)
from micro_integrator.config.settings import Ports, Settings

__all__ = [
    "COORDINATION",
    "AccessLogSettings",
    "AuthorizationSettings",
    "BasicSettings",
    "Changes",
    "ClusterSettings",
    "ConfigurationError",
    "ConfigurationErrors",
    "CorsSettings",
    "DataSourceSettings",
    "FileUserStoreSettings",
    "Home",
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
    "Place",
    "PoolOptions",
    "Ports",
    "PrometheusSettings",
    "PropertiesFile",
    "ProxyProfileSettings",
    "ReadinessProbeSettings",
    "SecretError",
    "SenderProfileSettings",
    "ServerSettings",
    "Settings",
    "SynapseSettings",
    "TaskHandlingSettings",
    "TokenSettings",
    "TrustStoreSettings",
    "UserAccessSettings",
    "UserSettings",
    "encrypt",
    "encrypt_secrets",
    "key_file",
    "load",
    "master_key",
    "new_master_key",
    "read_properties",
    "reloadable",
]
