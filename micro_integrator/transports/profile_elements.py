"""What TLS profiles of listeners and senders have in common: their file, and stores in its elements. ◇

<KeyStore><Location>FILE</Location>[<Type>PEM | PKCS12</Type>][<Password/>][<KeyPassword/>]</KeyStore>
<TrustStore><Location>FILE</Location>[<Type/>][<Password/>]</TrustStore>
"""

from collections.abc import Iterator
from typing import TypeVar

from lxml import etree

from micro_integrator.config import KeyStoreSettings, TrustStoreSettings
from micro_integrator.kit import MicroIntegratorError, XmlError, parse

Store = TypeVar("Store", KeyStoreSettings, TrustStoreSettings)


class ProfileError(MicroIntegratorError):
    """A profile cannot be used; the text says which, and why."""


def profiles_in(content: bytes) -> Iterator[etree._Element]:
    """Return the elements <profile> of a file. Raises ProfileError."""
    try:
        root = parse(content)
    except XmlError as error:
        raise ProfileError(f"line {error.line}: {error.reason}") from error
    return root.iter("profile")


def key_store_of(profile: etree._Element, where: str) -> KeyStoreSettings:
    """Return the key store of a profile, an empty one when it has none. Raises ProfileError."""
    found = profile.find("KeyStore")
    if found is None:
        return KeyStoreSettings()
    store = KeyStoreSettings(
        file_name=_location(found, where),
        type=_type(found, where),
        password=text_of(found, "Password"),
        key_password=text_of(found, "KeyPassword"),
    )
    return _checked(store, where)


def trust_store_of(profile: etree._Element, where: str) -> TrustStoreSettings:
    """Return the trust store of a profile, an empty one when it has none. Raises ProfileError."""
    found = profile.find("TrustStore")
    if found is None:
        return TrustStoreSettings()
    store = TrustStoreSettings(
        file_name=_location(found, where), type=_type(found, where), password=text_of(found, "Password")
    )
    return _checked(store, where)


def text_of(element: etree._Element, name: str) -> str:
    """Return the text of a child, empty when there is none."""
    return (element.findtext(name) or "").strip()


def _checked(store: Store, where: str) -> Store:
    for _, problem in store.problems():
        raise ProfileError(f"{where}: {problem}")
    return store


def _location(element: etree._Element, where: str) -> str:
    text = text_of(element, "Location")
    if not text:
        raise ProfileError(f"{where}: <{element.tag}> has no <Location>")
    return text


def _type(element: etree._Element, where: str) -> str | None:
    text = text_of(element, "Type").upper()
    if text not in {"", "PEM", "PKCS12", "JKS"}:
        raise ProfileError(f"{where}: <Type> is '{text}', expected PEM or PKCS12")
    return text or None
