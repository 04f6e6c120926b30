"""[transport.http.listener]: the ports for requests of clients, and the TLS of the second one."""

from collections.abc import Iterator

from micro_integrator.config.keys import key, part, section
from micro_integrator.config.kinds import boolean, choice, filled, milliseconds, string, strings
from micro_integrator.config.kinds import port as port_number
from micro_integrator.config.sections.keystore import NOT_REVOKED, KeyStoreSettings
from micro_integrator.config.sections.truststore import TrustStoreSettings

_FLOOR = ("TLSv1.2", "TLSv1.3")
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - a gateway is there for others


@section("transport.http.listener.ssl_profile")
class ListenerProfileSettings:
    """Certificates by the address a client has come to, or by the name it asks for."""

    file_path: str | None = key(None, kind=filled, doc="XML file with the profiles, relative to the home")
    read_interval: float = key(
        3600000,
        kind=milliseconds(at_least=1000),
        doc="milliseconds between two looks at the profiles, the key stores and the trust stores; 10 s at most",
    )


@section(
    "transport.http.listener",
    later="""
    wsdl_epr_prefix secured_wsdl_epr_prefix parameter.*
    certificate_revocation_verifier_cache_size certificate_revocation_verifier_cache_delay
    """,
)
class HttpListenerSettings:
    """Ports for the requests of clients; TLS of the secured one."""

    enable: bool = key(True, kind=boolean, doc="open the port for HTTP")
    port: int = key(8280, kind=port_number, doc="base port for HTTP")
    bind_address: str = key(_EVERYWHERE, kind=filled, doc="address the port for HTTP binds to")
    secured_enable: bool = key(True, kind=boolean, doc="open the port for HTTPS")
    secured_port: int = key(8243, kind=port_number, doc="base port for HTTPS")
    secured_bind_address: str = key(_EVERYWHERE, kind=filled, doc="address the port for HTTPS binds to")
    secured_protocols: tuple[str, ...] = key(
        list(_FLOOR), kind=strings, doc="TLS versions; those before TLSv1.2 are not spoken"
    )
    preferred_ciphers: str = key(
        "", kind=string, doc="TLS 1.2 cipher suites in OpenSSL's notation; default: OpenSSL's choice"
    )
    verify_client: str = key(
        "none",
        kind=choice("none", "optional", "require", also={"false": "none", "true": "require"}),
        doc="whether clients must show a certificate that the trust store knows",
    )
    certificate_revocation_verifier_enable: bool = key(
        False, kind=boolean, doc="is read and has no effect: clients with revoked certificates are let in"
    )
    keystore: KeyStoreSettings = part(KeyStoreSettings)
    truststore: TrustStoreSettings = part(TrustStoreSettings)
    ssl_profile: ListenerProfileSettings = part(ListenerProfileSettings)

    @property
    def speaks(self) -> tuple[str, ...]:
        """The TLS versions that are spoken, of those that are safe."""
        return tuple(version for version in _FLOOR if version in self.secured_protocols) or _FLOOR

    def remarks(self) -> Iterator[str]:
        """Name the versions that are left out, and what is not checked."""
        if weak := [version for version in self.secured_protocols if version not in _FLOOR]:
            yield f"secured_protocols: {', '.join(weak)} is not spoken; the oldest version is TLSv1.2"
        if self.certificate_revocation_verifier_enable:
            yield NOT_REVOKED
