"""TLS profiles of a listener, as files write them."""

import pytest

from micro_integrator.transports.listener_profiles import read_profiles
from micro_integrator.transports.profile_elements import ProfileError

WHOLE = b"""<parameter name="SSLProfiles">
    <profile>
        <bindAddress>10.0.0.7</bindAddress><bindAddress>10.0.0.8</bindAddress><serverName>Orders.example</serverName>
        <KeyStore>
            <Location>esb.p12</Location><Type>pkcs12</Type><Password>one</Password><KeyPassword>two</KeyPassword>
        </KeyStore>
        <TrustStore><Location>trust.pem</Location></TrustStore>
        <SSLVerifyClient>require</SSLVerifyClient>
        <HttpsProtocols>TLSv1.2 , TLSv1.3</HttpsProtocols>
        <PreferredCiphers>ECDHE+AESGCM</PreferredCiphers>
    </profile>
</parameter>"""


def test_a_whole_profile() -> None:
    (profile,) = read_profiles(WHOLE)
    store, trust = profile.settings.keystore, profile.settings.truststore
    assert (profile.addresses, profile.names) == (("10.0.0.7", "10.0.0.8"), ("orders.example",))
    assert (store.file_name, store.type, store.password, store.key_password) == (
        "esb.p12",
        "PKCS12",
        "one",
        "two",
    )
    assert (trust.file_name, profile.settings.verify_client) == ("trust.pem", "require")
    assert (profile.settings.speaks, profile.settings.preferred_ciphers) == (
        ("TLSv1.2", "TLSv1.3"),
        "ECDHE+AESGCM",
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ((b"esb.p12</Location><Type>pkcs12", b"esb.jks</Location><Type>JKS"), "keytool -importkeystore"),
        ((b"<Type>pkcs12", b"<Type>DER"), "expected PEM or PKCS12"),
        ((b"<Location>esb.p12</Location>", b""), "<Location>"),
        ((b">require<", b">sometimes<"), "expected none, optional or require"),
        ((b"</profile>", b""), "line"),
        ((b"<parameter", b"<!DOCTYPE a []><parameter"), "DTD"),
    ],
)
def test_profiles_that_cannot_be_used(change: tuple[bytes, bytes], reason: str) -> None:
    with pytest.raises(ProfileError, match=reason):
        read_profiles(WHOLE.replace(*change))


def test_a_profile_for_nobody() -> None:
    with pytest.raises(ProfileError, match="bindAddress"):
        read_profiles(
            b"<parameter><profile><KeyStore><Location>a</Location></KeyStore></profile></parameter>"
        )
