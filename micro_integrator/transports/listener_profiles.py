"""TLS profiles of a listener: other keys for clients that come to another address, or ask for another name. ◇

<parameter name="SSLProfiles">
    <profile>
        (<bindAddress>10.0.0.7</bindAddress> | <serverName>orders.example</serverName>)+
        <KeyStore><Location>FILE</Location>[<Type>PEM | PKCS12</Type>][<Password/>][<KeyPassword/>]</KeyStore>
        [<TrustStore><Location>FILE</Location>[<Type/>][<Password/>]</TrustStore>]
        [<SSLVerifyClient>none | optional | require</SSLVerifyClient>]
        [<HttpsProtocols>TLSv1.2,TLSv1.3</HttpsProtocols>]
        [<PreferredCiphers>SUITE:SUITE</PreferredCiphers>]
    </profile>
</parameter>
"""

from dataclasses import dataclass

from lxml import etree

from micro_integrator.config import HttpListenerSettings
from micro_integrator.transports.profile_elements import (
    ProfileError,
    key_store_of,
    profiles_in,
    text_of,
    trust_store_of,
)

_VERIFYING = {"": "none", "false": "none", "none": "none", "optional": "optional", "require": "require"}


@dataclass(frozen=True)
class ListenerProfile:
    """One profile: for whom, and with which settings."""

    addresses: tuple[str, ...]
    names: tuple[str, ...]
    settings: HttpListenerSettings
    """Those of the listener, as far as they are about TLS."""


def read_profiles(content: bytes) -> list[ListenerProfile]:
    """Return the profiles of a file. Raises ProfileError."""
    return [_profile(element) for element in profiles_in(content)]


def _profile(element: etree._Element) -> ListenerProfile:
    addresses = tuple(_texts(element, "bindAddress"))
    names = tuple(name.lower() for name in _texts(element, "serverName"))
    where = f"profile of {', '.join([*addresses, *names]) or 'nobody'}"
    if not (addresses or names):
        raise ProfileError(f"{where}: <bindAddress> or <serverName> is missing")
    verify = text_of(element, "SSLVerifyClient").lower()
    if verify not in _VERIFYING:
        raise ProfileError(f"{where}: <SSLVerifyClient> is '{verify}', expected none, optional or require")
    key_store = key_store_of(element, where)
    if key_store.file_name is None:
        raise ProfileError(f"{where}: <KeyStore> with a <Location> is missing")
    settings = HttpListenerSettings(
        keystore=key_store,
        truststore=trust_store_of(element, where),
        verify_client=_VERIFYING[verify],
        preferred_ciphers=text_of(element, "PreferredCiphers"),
        secured_protocols=tuple(filter(None, map(str.strip, text_of(element, "HttpsProtocols").split(",")))),
    )
    return ListenerProfile(addresses, names, settings)


def _texts(element: etree._Element, name: str) -> list[str]:
    return [text for found in element.findall(name) if (text := (found.text or "").strip())]
