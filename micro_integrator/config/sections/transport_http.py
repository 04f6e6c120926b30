"""[transport.http]: the HTTP sender, as far as it is built."""

from collections.abc import Iterator

from micro_integrator.config.keys import key, part, section
from micro_integrator.config.kinds import boolean, choice, integer, milliseconds, strings
from micro_integrator.config.sections.truststore import TrustStoreSettings


@section(
    "transport.http.sender",
    later="""
    enable secured_enable warn_on_http_500 proxy_host proxy_port proxy_username proxy_password
    non_proxy_hosts secured_proxy_host secured_proxy_port secured_proxy_username secured_proxy_password
    secured_non_proxy_hosts secured_protocols ssl_profile.* keystore.* parameter.*
    certificate_revocation_verifier_enable certificate_revocation_verifier_cache_size
    certificate_revocation_verifier_cache_delay
    """,
)
class HttpSenderSettings:
    """Outgoing TLS."""

    hostname_verifier: str = key(
        "Strict",
        kind=choice("Strict", "AllowAll", "DefaultAndLocalhost", also={"Default": "Strict"}),
        doc="which names a server's certificate may carry: `Strict`, `DefaultAndLocalhost` or `AllowAll`",
    )
    truststore: TrustStoreSettings = part(TrustStoreSettings)

    def remarks(self) -> Iterator[str]:
        """Warn when anybody may answer for anybody."""
        if self.hostname_verifier == "AllowAll":
            yield 'hostname_verifier = "AllowAll" accepts the certificate of any host; better use Strict'


@section(
    "transport.http",
    raw_table="passthru_properties",
    later="""
    core_worker_pool_size max_worker_pool_size worker_pool_queue_length io_buffer_size max_open_connections
    secondary_worker_pool_size_core secondary_worker_pool_size_max secondary_worker_pool_queue_length
    enable_message_size_validation max_message_size_bytes force_xml_validation force_json_validation
    reverse_proxy_mode consume_and_discard consume_and_discard_by_secondary_pool expected_max_queueing_time
    expected_max_queueing_time_for_message_discard_worker close_socket_on_endpoint_timeout block_service_list
    listener.* proxy_profile.* secured_proxy_profile.* access_log.*
    """,
)
class HttpTransportSettings:
    """Connections to back ends."""

    socket_timeout: float = key(
        180000,
        kind=milliseconds(at_least=1),
        raw="http.socket.timeout",
        doc="milliseconds a connection may be silent while an answer is awaited",
    )
    connection_timeout: float | None = key(
        None,
        kind=milliseconds(at_least=1),
        raw="http.connection.timeout",
        doc="milliseconds a connection may take to be established; default: half of `socket_timeout`",
    )
    max_http_connection_per_host_port: int = key(
        32767,
        kind=integer(at_least=1),
        raw="http.max.connection.per.host.port",
        doc="connections to one host and port",
    )
    preserve_http_user_agent: bool = key(
        False, kind=boolean, raw="http.user.agent.preserve", doc="send the header User-Agent of the message"
    )
    preserve_http_server_name: bool = key(
        True, kind=boolean, raw="http.server.preserve", doc="keep the header Server of the back end"
    )
    preserve_http_headers: tuple[str, ...] = key(
        ["Content-Type"],
        kind=strings,
        raw="http.headers.preserve",
        doc="headers of the message that are sent although the sender writes its own",
    )
    disable_connection_keepalive: bool = key(
        False,
        kind=boolean,
        raw="http.connection.disable.keepalive",
        doc="close every connection after one exchange",
    )
    sender: HttpSenderSettings = part(HttpSenderSettings)

    @property
    def connect_limit(self) -> float:
        """Seconds a connection may take to be established."""
        return self.socket_timeout / 2 if self.connection_timeout is None else self.connection_timeout
