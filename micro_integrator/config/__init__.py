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
from micro_integrator.config.reloading import Changes, reloadable
from micro_integrator.config.secret_file import encrypt_secrets
from micro_integrator.config.secrets import SecretError, encrypt, key_file, master_key, new_master_key
from micro_integrator.config.sections import (
    COORDINATION,
    ClusterSettings,
    DataSourceSettings,
    HttpSenderSettings,
    HttpTransportSettings,
    LoggingSettings,
    MaskingSettings,
    MediationSettings,
    PoolOptions,
    PrometheusSettings,
    ReadinessProbeSettings,
    ServerSettings,
    SynapseSettings,
    TaskHandlingSettings,
    TrustStoreSettings,
)
from micro_integrator.config.settings import Ports, Settings

__all__ = [
    "COORDINATION",
    "Changes",
    "ClusterSettings",
    "ConfigurationError",
    "ConfigurationErrors",
    "DataSourceSettings",
    "Home",
    "HttpSenderSettings",
    "HttpTransportSettings",
    "LoggingSettings",
    "MaskingSettings",
    "MediationSettings",
    "Place",
    "PoolOptions",
    "Ports",
    "PrometheusSettings",
    "ReadinessProbeSettings",
    "SecretError",
    "ServerSettings",
    "Settings",
    "SynapseSettings",
    "TaskHandlingSettings",
    "TrustStoreSettings",
    "encrypt",
    "encrypt_secrets",
    "key_file",
    "load",
    "master_key",
    "new_master_key",
    "reloadable",
]
