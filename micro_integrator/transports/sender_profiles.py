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

from lxml import etree

from micro_integrator.config import KeyStoreSettings, TrustStoreSettings
from micro_integrator.transports.profile_elements import (
    ProfileError,
    key_store_of,
    profiles_in,
    text_of,
    trust_store_of,
)

EVERYBODY = "*"


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
    return [_profile(element, number) for number, element in enumerate(profiles_in(content), 1)]


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
    names = text_of(element, "servers").split(",")
    servers = frozenset(name.strip().lower() for name in names if name.strip())
    where = f"profile {number} of {', '.join(sorted(servers)) or 'nobody'}"
    if not servers:
        raise ProfileError(f"{where}: <servers> is missing")
    client = text_of(element, "clientIdentifier") or None
    return SenderProfile(where, servers, client, key_store_of(element, where), trust_store_of(element, where))
