"""[transport.http]: the HTTP listener and the HTTP sender, as far as they are built."""

from collections.abc import Iterator

from micro_integrator.config.keys import key, part, parts, section
from micro_integrator.config.kinds import (
    boolean,
    content_type,
    integer,
    milliseconds,
    plain_id,
    size,
    strings,
)
from micro_integrator.config.sections.access_log import AccessLogSettings
from micro_integrator.config.sections.http_listener import HttpListenerSettings
from micro_integrator.config.sections.http_sender import HttpSenderSettings
from micro_integrator.config.sections.proxy_profile import ProxyProfileSettings


@section(
    "transport.http",
    raw_table="passthru_properties",
    later="""
    reverse_proxy_mode block_service_list
    """,
    without_effect="""
    consume_and_discard consume_and_discard_by_secondary_pool close_socket_on_endpoint_timeout
    force_xml_validation force_json_validation
    """,
)
class HttpTransportSettings:
    """Connections of clients, and to back ends."""

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
    max_messages_per_host_port: int | None = key(
        None,
        kind=integer(at_least=0),
        raw="http.max.messages.per.host.port",
        doc="messages that may wait for a connection to one host and port; default: any number",
    )
    connection_grace_time: float = key(
        10000,
        kind=milliseconds(),
        raw="transport.sender.connection.grace.time",
        doc="milliseconds before its end, as announced by a back end, in which a connection is not used any more",
    )
    connection_idle_time: float | None = key(
        None,
        kind=milliseconds(at_least=1),
        raw="transport.sender.connection.idle.time",
        doc="milliseconds an idle connection to a back end is kept; default: `socket_timeout` less the grace time",
    )
    connection_maximum_lifespan: float | None = key(
        None,
        kind=milliseconds(at_least=1),
        raw="transport.sender.connection.maximum.lifespan",
        doc="milliseconds after which no further request goes out on a connection; default: no limit",
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
    request_header_timeout: float = key(
        30000,
        kind=milliseconds(at_least=1),
        doc="milliseconds a client of the listener may take for the head of a request",
    )
    max_open_connections: int = key(
        -1,
        kind=integer(at_least=-1),
        raw="max_open_connections",
        doc="clients of the listener at the same time; more have to wait, -1: no limit",
    )
    enable_message_size_validation: bool = key(
        False,
        kind=boolean,
        raw="message.size.validation.enabled",
        doc="refuse requests and answers with large bodies",
    )
    max_message_size_bytes: int = key(
        81920,
        kind=size,
        raw="valid.max.message.size.in.bytes",
        doc="size of a body that is not refused, with `enable_message_size_validation`",
    )
    preserve_http_response_headers: tuple[str, ...] = key(
        [],
        kind=strings,
        raw="http.response.headers.preserve",
        doc="headers of an answer that are sent although the listener writes its own",
    )
    correlation_header_name: str = key(
        "activityid", kind=plain_id, raw="correlation_header_name", doc="header that holds the correlation id"
    )
    error_code_add_state: bool = key(
        False,
        kind=boolean,
        doc="ERROR_CODE of a failed call is its code plus PROTOCOL_STATE_ON_FAILURE, as in the reference",
    )
    default_request_content_type: str = key(
        "application/octet-stream",
        kind=content_type,
        raw="DEFAULT_REQUEST_CONTENT_TYPE",
        doc="what the body of a request is taken for that has no `Content-Type`",
    )
    sender: HttpSenderSettings = part(HttpSenderSettings)
    listener: HttpListenerSettings = part(HttpListenerSettings)
    access_log: AccessLogSettings = part(AccessLogSettings)
    proxy_profile: tuple[ProxyProfileSettings, ...] = parts(ProxyProfileSettings)
    secured_proxy_profile: tuple[ProxyProfileSettings, ...] = parts(ProxyProfileSettings)

    @property
    def most_connections(self) -> int | None:
        """Clients of the listener at the same time; None without a limit."""
        return self.max_open_connections if self.max_open_connections > 0 else None

    @property
    def most_body_bytes(self) -> int | None:
        """Bytes the body of a request or an answer may have; None without a limit."""
        return self.max_message_size_bytes if self.enable_message_size_validation else None

    @property
    def preserved_in_responses(self) -> tuple[str, ...]:
        """Headers of an answer that win over those the listener writes."""
        return (*self.preserve_http_response_headers, *(["Server"] if self.preserve_http_server_name else []))

    @property
    def connect_limit(self) -> float:
        """Seconds a connection may take to be established."""
        return self.socket_timeout / 2 if self.connection_timeout is None else self.connection_timeout

    @property
    def idle_limit(self) -> float:
        """Seconds an idle connection to a back end is kept."""
        if self.connection_idle_time is not None:
            return self.connection_idle_time
        return max(self.socket_timeout - self.connection_grace_time, self.socket_timeout / 2)

    def remarks(self) -> Iterator[str]:
        """Name proxies that are not asked."""
        for prefix, profiles, proxy in (
            ("", self.proxy_profile, self.sender.proxy_host),
            ("secured_", self.secured_proxy_profile, self.sender.secured_proxy_host),
        ):
            if profiles and proxy is not None:
                yield f"sender.{prefix}proxy_host is not used: there is a {prefix}proxy_profile"
