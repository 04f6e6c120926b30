"""[transport.http.sender]: TLS and proxies on the way to back ends."""

from collections.abc import Iterator

from micro_integrator.config.keys import key, part, section
from micro_integrator.config.kinds import (
    Kind,
    boolean,
    choice,
    filled,
    integer,
    milliseconds,
    string,
    strings,
)
from micro_integrator.config.sections.keystore import NOT_REVOKED, KeyStoreSettings
from micro_integrator.config.sections.truststore import TrustStoreSettings

_FLOOR = ("TLSv1.2", "TLSv1.3")
_PROXY_PORT = 8080


@section("transport.http.sender.ssl_profile")
class SenderProfileSettings:
    """Other keys and other trust for some servers."""

    file_path: str | None = key(None, kind=filled, doc="XML file with the profiles, relative to the home")
    read_interval: float = key(
        600000,
        kind=milliseconds(at_least=1000),
        doc="milliseconds between two looks at the profiles, the key stores and the trust stores",
    )


media_types = Kind(
    "a list of content types, or *",
    lambda value: strings.read(value.replace("|", ",") if isinstance(value, str) else value),
)
"""Content types as the reference separates them."""


@section(
    "transport.http.sender",
    later="""
    enable secured_enable parameter.*
    certificate_revocation_verifier_cache_size certificate_revocation_verifier_cache_delay
    """,
)
class HttpSenderSettings:
    """Outgoing TLS, and proxies on the way."""

    hostname_verifier: str = key(
        "Strict",
        kind=choice("Strict", "AllowAll", "DefaultAndLocalhost", also={"Default": "Strict"}),
        doc="which names a server's certificate may carry: `Strict`, `DefaultAndLocalhost` or `AllowAll`",
    )
    secured_protocols: tuple[str, ...] = key(
        list(_FLOOR), kind=strings, doc="TLS versions; those before TLSv1.2 are not spoken"
    )
    truststore: TrustStoreSettings = part(TrustStoreSettings)
    keystore: KeyStoreSettings = part(KeyStoreSettings)
    ssl_profile: SenderProfileSettings = part(SenderProfileSettings)
    certificate_revocation_verifier_enable: bool = key(
        False, kind=boolean, doc="is read and has no effect: revoked certificates of back ends are believed"
    )
    warn_on_http_500: tuple[str, ...] = key(
        [],
        kind=media_types,
        doc="content types, separated by `|` or commas, of answers with the status 500 that are logged; `*` for any",
    )
    proxy_host: str | None = key(None, kind=filled, doc="proxy for http targets; default: none")
    proxy_port: int = key(_PROXY_PORT, kind=integer(at_least=1, at_most=65535), doc="its port")
    proxy_username: str = key("", kind=string, doc="user of that proxy")
    proxy_password: str = key("", kind=string, is_secret=True, doc="password of that user")
    non_proxy_hosts: str = key(
        "", kind=string, doc="http targets that need no proxy: names separated by `|`, `*` for any characters"
    )
    secured_proxy_host: str | None = key(None, kind=filled, doc="proxy for https targets; default: none")
    secured_proxy_port: int = key(_PROXY_PORT, kind=integer(at_least=1, at_most=65535), doc="its port")
    secured_proxy_username: str = key("", kind=string, doc="user of that proxy")
    secured_proxy_password: str = key("", kind=string, is_secret=True, doc="password of that user")
    secured_non_proxy_hosts: str = key("", kind=string, doc="https targets that need no proxy")

    @property
    def speaks(self) -> tuple[str, ...]:
        """The TLS versions that are spoken, of those that are safe."""
        return tuple(version for version in _FLOOR if version in self.secured_protocols) or _FLOOR

    def remarks(self) -> Iterator[str]:
        """Warn when anybody may answer for anybody; name the versions that are left out, and what is not checked."""
        if self.hostname_verifier == "AllowAll":
            yield 'hostname_verifier = "AllowAll" accepts the certificate of any host; better use Strict'
        if weak := [version for version in self.secured_protocols if version not in _FLOOR]:
            yield f"secured_protocols: {', '.join(weak)} is not spoken; the oldest version is TLSv1.2"
        if self.certificate_revocation_verifier_enable:
            yield NOT_REVOKED
