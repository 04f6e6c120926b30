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
from typing import TypeVar

from lxml import etree

from micro_integrator.config import HttpListenerSettings, KeyStoreSettings, TrustStoreSettings
from micro_integrator.kit import MicroIntegratorError, XmlError, parse

Store = TypeVar("Store", KeyStoreSettings, TrustStoreSettings)

_VERIFYING = {"": "none", "false": "none", "none": "none", "optional": "optional", "require": "require"}


class ProfileError(MicroIntegratorError):
    """A profile cannot be used; the text says which, and why."""


@dataclass(frozen=True)
class ListenerProfile:
    """One profile: for whom, and with which settings."""

    addresses: tuple[str, ...]
    names: tuple[str, ...]
    settings: HttpListenerSettings
    """Those of the listener, as far as they are about TLS."""


def read_profiles(content: bytes) -> list[ListenerProfile]:
    """Return the profiles of a file. Raises ProfileError."""
    try:
        root = parse(content)
    except XmlError as error:
        raise ProfileError(f"line {error.line}: {error.reason}") from error
    return [_profile(element) for element in root.iter("profile")]


def _profile(element: etree._Element) -> ListenerProfile:
    addresses = tuple(_texts(element, "bindAddress"))
    names = tuple(name.lower() for name in _texts(element, "serverName"))
    where = f"profile of {', '.join([*addresses, *names]) or 'nobody'}"
    if not (addresses or names):
        raise ProfileError(f"{where}: <bindAddress> or <serverName> is missing")
    verify = _text(element, "SSLVerifyClient").lower()
    if verify not in _VERIFYING:
        raise ProfileError(f"{where}: <SSLVerifyClient> is '{verify}', expected none, optional or require")
    settings = HttpListenerSettings(
        keystore=_key_store(element, where),
        truststore=_trust_store(element, where),
        verify_client=_VERIFYING[verify],
        preferred_ciphers=_text(element, "PreferredCiphers"),
        secured_protocols=tuple(filter(None, map(str.strip, _text(element, "HttpsProtocols").split(",")))),
    )
    return ListenerProfile(addresses, names, settings)


def _key_store(element: etree._Element, where: str) -> KeyStoreSettings:
    found = element.find("KeyStore")
    if found is None or not _text(found, "Location"):
        raise ProfileError(f"{where}: <KeyStore> with a <Location> is missing")
    store = KeyStoreSettings(
        file_name=_text(found, "Location"),
        type=_type(found, where),
        password=_text(found, "Password"),
        key_password=_text(found, "KeyPassword"),
    )
    return _checked(store, where)


def _trust_store(element: etree._Element, where: str) -> TrustStoreSettings:
    found = element.find("TrustStore")
    if found is None:
        return TrustStoreSettings()
    store = TrustStoreSettings(
        file_name=_text(found, "Location") or None,
        type=_type(found, where),
        password=_text(found, "Password"),
    )
    return _checked(store, where)


def _checked(store: Store, where: str) -> Store:
    for _, problem in store.problems():
        raise ProfileError(f"{where}: {problem}")
    return store


def _type(element: etree._Element, where: str) -> str | None:
    text = _text(element, "Type").upper()
    if text not in {"", "PEM", "PKCS12", "JKS"}:
        raise ProfileError(f"{where}: <Type> is '{text}', expected PEM or PKCS12")
    return text or None


def _text(element: etree._Element, name: str) -> str:
    return (element.findtext(name) or "").strip()


def _texts(element: etree._Element, name: str) -> list[str]:
    return [text for found in element.findall(name) if (text := (found.text or "").strip())]
