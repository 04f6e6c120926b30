"""TLS profiles of a sender: other keys and other trust for some servers. ◇

    <parameter name="customSSLProfiles">
        <profile>
            <servers>orders.example:8443, bills.example:443</servers>      `*` stands for all servers
            [<clientIdentifier>NAME</clientIdentifier>]
            [<KeyStore><Location>FILE</Location>[<Type>PEM | PKCS12</Type>][<Password/>][<KeyPassword/>]</KeyStore>]
            [<TrustStore><Location>FILE</Location>[<Type/>][<Password/>]</TrustStore>]
        </profile>
    </parameter>

Of several profiles for a server, the one whose clientIdentifier a message names is taken, else one without.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from lxml import etree

from micro_integrator.config import KeyStoreSettings, TrustStoreSettings
from micro_integrator.kit import MicroIntegratorError, XmlError, parse

Store = TypeVar("Store", KeyStoreSettings, TrustStoreSettings)

EVERYBODY = "*"


class ProfileError(MicroIntegratorError):
    """A profile cannot be used; the text says which, and why."""


@dataclass(frozen=True)
class SenderProfile:
    """One profile: for which servers, and with which stores."""

    name: str
    servers: frozenset[str]
    """Each `host:port`, or EVERYBODY."""
    client: str | None
    key_store: KeyStoreSettings
    trust_store: TrustStoreSettings


def read_profiles(content: bytes) -> list[SenderProfile]:
    """Return the profiles of a file. Raises ProfileError."""
    try:
        root = parse(content)
    except XmlError as error:
        raise ProfileError(f"line {error.line}: {error.reason}") from error
    return [_profile(element, number) for number, element in enumerate(root.iter("profile"), 1)]


def chosen(
    profiles: Sequence[SenderProfile], host: str, port: int, client: str | None
) -> SenderProfile | None:
    """Return the profile for a server, None when there is none; `client` is what a message has named."""
    for server in (f"{host}:{port}", EVERYBODY):
        found = [one for one in profiles if server in one.servers]
        if client is not None and (named := [one for one in found if one.client == client]):
            return named[0]
        if unnamed := [one for one in found if one.client is None]:
            return unnamed[0]
    return None


def _profile(element: etree._Element, number: int) -> SenderProfile:
    servers = frozenset(name.strip().lower() for name in _text(element, "servers").split(",") if name.strip())
    where = f"profile {number} of {', '.join(sorted(servers)) or 'nobody'}"
    if not servers:
        raise ProfileError(f"{where}: <servers> is missing")
    key, trust = element.find("KeyStore"), element.find("TrustStore")
    key_store, trust_store = KeyStoreSettings(), TrustStoreSettings()
    if key is not None:
        key_store = KeyStoreSettings(
            file_name=_location(key, where),
            type=_type(key, where),
            password=_text(key, "Password"),
            key_password=_text(key, "KeyPassword"),
        )
    if trust is not None:
        trust_store = TrustStoreSettings(
            file_name=_location(trust, where), type=_type(trust, where), password=_text(trust, "Password")
        )
    client = _text(element, "clientIdentifier") or None
    return SenderProfile(where, servers, client, _checked(key_store, where), _checked(trust_store, where))


def _checked(store: Store, where: str) -> Store:
    for _, problem in store.problems():
        raise ProfileError(f"{where}: {problem}")
    return store


def _location(element: etree._Element, where: str) -> str:
    text = _text(element, "Location")
    if not text:
        raise ProfileError(f"{where}: <{element.tag}> has no <Location>")
    return text


def _type(element: etree._Element, where: str) -> str | None:
    text = _text(element, "Type").upper()
    if text not in {"", "PEM", "PKCS12", "JKS"}:
        raise ProfileError(f"{where}: <Type> is '{text}', expected PEM or PKCS12")
    return text or None


def _text(element: etree._Element, name: str) -> str:
    return (element.findtext(name) or "").strip()
