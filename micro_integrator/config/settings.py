"""What the program is told: one frozen object, made by `load` and handed down."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from micro_integrator.config.errors import Place
from micro_integrator.config.home import Home
from micro_integrator.config.sections import (
    ClusterSettings,
    CustomBuilderSettings,
    CustomFormatterSettings,
    DataSourceSettings,
    FileUserStoreSettings,
    HttpTransportSettings,
    InternalTlsSettings,
    KeyStoreSettings,
    LoggingSettings,
    ManagementApiSettings,
    MaskingSettings,
    MediationSettings,
    MessageBuildersSettings,
    MessageFormattersSettings,
    PrometheusSettings,
    ReadinessProbeSettings,
    ServerSettings,
    TaskHandlingSettings,
    TrustStoreSettings,
    UserAccessSettings,
    UserSettings,
)


@dataclass(frozen=True)
class Ports:
    """Ports as they are opened: the base plus the offset of the server; 0 stands for any free port."""

    internal_http: int = 9201
    internal_https: int = 9164
    wire: int = 9202


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The whole configuration. Durations are seconds; `warnings` and `info` are logged once logging works."""

    home: Home
    properties: Mapping[str, str] = field(default_factory=dict)
    server: ServerSettings = field(default_factory=ServerSettings)
    cluster_config: ClusterSettings = field(default_factory=ClusterSettings)
    task_handling: TaskHandlingSettings = field(default_factory=TaskHandlingSettings)
    task_resolver: Mapping[str, str] | None = None
    datasources: Mapping[str, DataSourceSettings] = field(default_factory=dict)
    logging: LoggingSettings = field(default_factory=LoggingSettings)
    masking_pattern: MaskingSettings = field(default_factory=MaskingSettings)
    mediation: MediationSettings = field(default_factory=MediationSettings)
    transport_http: HttpTransportSettings = field(default_factory=HttpTransportSettings)
    message_builders: MessageBuildersSettings = field(default_factory=MessageBuildersSettings)
    message_formatters: MessageFormattersSettings = field(default_factory=MessageFormattersSettings)
    custom_message_builders: tuple[CustomBuilderSettings, ...] = ()
    custom_message_formatters: tuple[CustomFormatterSettings, ...] = ()
    truststore: TrustStoreSettings = field(default_factory=TrustStoreSettings)
    readiness_probe: ReadinessProbeSettings = field(default_factory=ReadinessProbeSettings)
    prometheus_api: PrometheusSettings = field(default_factory=PrometheusSettings)
    management_api: ManagementApiSettings = field(default_factory=ManagementApiSettings)
    user_access: UserAccessSettings = field(default_factory=UserAccessSettings)
    internal_apis_file_user_store: FileUserStoreSettings = field(default_factory=FileUserStoreSettings)
    users: tuple[UserSettings, ...] = ()
    """Those of the management API."""
    keystore_primary: KeyStoreSettings = field(default_factory=KeyStoreSettings)
    internal_api_ssl_config: InternalTlsSettings = field(default_factory=InternalTlsSettings)
    ports: Ports = Ports()
    warnings: tuple[str, ...] = ()
    info: tuple[str, ...] = ()
    secret_values: frozenset[str] = field(default=frozenset(), repr=False)
    """Clear texts that the log replaces by `*****`: secrets in use and passwords."""
    values: Mapping[str, object] = field(default_factory=dict, repr=False)
    """Every written value by dotted name, after placeholders; what `reloadable` compares."""
    places: Mapping[str, Place] = field(default_factory=dict, repr=False)
    """Where each of them was written."""

    @property
    def server_name(self) -> str:
        """The name `pinnedServers` of an artifact compares with; not the node id."""
        return self.properties.get("SynapseServerName") or "localhost"
