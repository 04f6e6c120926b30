"""HTTPS: key stores, who is asked for a certificate, profiles, and certificates that are replaced."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, load_pem_private_key, pkcs12
from integration.http.authority import LOOPBACK as LOOPBACK_NAME
from integration.http.authority import Authority
from integration.http_server.serving import GET, LIMIT, LOOPBACK, Client, echo, listening

from micro_integrator.config import (
    HttpListenerSettings,
    KeyStoreSettings,
    ListenerProfileSettings,
    TrustStoreSettings,
)
from micro_integrator.kit import MicroIntegratorError
from micro_integrator.observability import recorded_lines
from micro_integrator.synapse import Arrival, ClientCertificate, Headers, ReplyChannel
from micro_integrator.transports.http.server import connection
from micro_integrator.transports.http.server.listener import HttpListener
from micro_integrator.transports.http.server.terms import Serve
from micro_integrator.transports.server_tls import ServerTls

PEM = KeyStoreSettings(file_name="127.0.0.1.pem")


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    made = Authority(tmp_path)
    made.server(LOOPBACK_NAME)
    return made


@asynccontextmanager
async def secured(
    authority: Authority, store: KeyStoreSettings = PEM, serve: Serve = echo, **more: Any
) -> AsyncIterator[HttpListener]:
    settings = HttpListenerSettings(
        enable=False, secured_port=0, secured_bind_address=LOOPBACK, keystore=store, **more
    )
    async with listening(serve, home=authority.folder, listener=settings) as listener:
        yield listener


def trusting(authority: Authority, **limits: Any) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(authority.pem))
    for name, value in limits.items():
        setattr(context, name, value)
    return context


async def shown(listener: HttpListener, authority: Authority, name: str = LOOPBACK) -> bytes:
    """Return the certificate a client is shown."""
    context = trusting(authority, check_hostname=False)
    async with Client(listener, tls=context, name=name) as client:
        found = client.writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        assert isinstance(found, bytes)
        return found


def as_pkcs12(folder: Path, password: str) -> KeyStoreSettings:
    """Put the certificate and key of the PEM file into a PKCS#12 file."""
    raw = (folder / "127.0.0.1.pem").read_bytes()
    key = load_pem_private_key(raw, None)
    assert isinstance(key, EllipticCurvePrivateKey)
    content = pkcs12.serialize_key_and_certificates(
        b"esb",
        key,
        x509.load_pem_x509_certificate(raw),
        None,
        BestAvailableEncryption(password.encode()),
    )
    (folder / "esb.p12").write_bytes(content)
    return KeyStoreSettings(file_name="esb.p12", password=password)


async def test_bodies_of_any_size_arrive_whole_over_https(authority: Authority) -> None:
    async with secured(authority) as listener, Client(listener, tls=trusting(authority)) as client:
        for size in (0, 10, 300_000):
            client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % size, bytes(size))
            is_whole = (await client.answer()).body == b"POST / " + bytes(size)
            assert is_whole
        assert client.writer.get_extra_info("ssl_object").version() == "TLSv1.3"


async def test_http_1_1_is_chosen_among_the_protocols_a_client_offers(authority: Authority) -> None:
    context = trusting(authority)
    context.set_alpn_protocols(["h2", "http/1.1"])
    async with secured(authority) as listener, Client(listener, tls=context) as client:
        assert client.writer.get_extra_info("ssl_object").selected_alpn_protocol() == "http/1.1"


async def test_a_key_store_may_be_pkcs12(authority: Authority) -> None:
    store = as_pkcs12(authority.folder, "over the hills")
    async with secured(authority, store) as listener, Client(listener, tls=trusting(authority)) as client:
        assert (await client.ask(GET)).status == 200


async def test_a_version_that_is_not_configured_is_not_spoken(authority: Authority) -> None:
    old = trusting(authority)
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_2
    async with secured(authority) as listener, Client(listener, tls=old) as client:
        assert (await client.ask(GET)).status == 200
    async with secured(authority, secured_protocols=("TLSv1.3",)) as listener:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await Client(listener, tls=old).__aenter__()


@pytest.mark.parametrize("verify", ["optional", "require"])
async def test_a_client_without_a_certificate_is_let_in_unless_one_is_required(
    authority: Authority, verify: str
) -> None:
    trust = TrustStoreSettings(file_name="authority.pem")
    known = trusting(authority)
    known.load_cert_chain(authority.folder / "127.0.0.1.pem")
    async with secured(authority, verify_client=verify, truststore=trust) as listener:
        async with Client(listener, tls=known) as client:
            assert (await client.ask(GET)).status == 200
        async with Client(listener, tls=trusting(authority)) as unknown:
            unknown.send(GET)
            if verify == "optional":
                assert (await unknown.answer()).status == 200
            else:
                with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
                    await unknown.answer()


async def test_why_clients_are_not_let_in_is_told_once_in_a_while(authority: Authority) -> None:
    trust = TrustStoreSettings(file_name="authority.pem")
    with recorded_lines() as lines:
        async with secured(authority, verify_client="require", truststore=trust) as listener:
            address = LOOPBACK, listener.ports["https"]

            def knock(context: ssl.SSLContext) -> None:
                with (
                    socket.create_connection(address) as plain,
                    suppress(ssl.SSLError, ConnectionError),
                    context.wrap_socket(plain, server_hostname=LOOPBACK) as client,
                ):
                    client.recv(1)

            for context in [trusting(authority), ssl.create_default_context()] * 2:
                await asyncio.to_thread(knock, context)
            async with asyncio.timeout(LIMIT):
                while len(failures := [text for text in lines.texts() if "TLS failed" in text]) < 2:
                    await asyncio.sleep(0.01)
    assert sorted(failures) == [
        "Client [127.0.0.1] was not let in, TLS failed: PEER_DID_NOT_RETURN_A_CERTIFICATE",
        "Client [127.0.0.1] was not let in, TLS failed: TLSV1_ALERT_UNKNOWN_CA",
    ]


@pytest.mark.parametrize("shows", [True, False], ids=["with", "without"])
async def test_who_a_client_has_proved_to_be_is_told_with_its_request(
    authority: Authority, shows: bool
) -> None:
    seen: list[ClientCertificate | None] = []

    async def noting(arrival: Arrival, reply: ReplyChannel) -> None:
        seen.append(arrival.certificate)
        await reply.reply(200, Headers(), b"")

    path = authority.client("orders", "pem")
    tls = trusting(authority)
    if shows:
        tls.load_cert_chain(path)
    trust = TrustStoreSettings(file_name="authority.pem")
    async with (
        secured(authority, serve=noting, verify_client="optional", truststore=trust) as listener,
        Client(listener, tls=tls) as client,
    ):
        assert [(await client.ask(GET)).status for _ in range(2)] == [200, 200]
    if not shows:
        assert seen == [None, None]
        return
    first, second = seen
    assert first is not None
    assert first is second
    shown = x509.load_pem_x509_certificate(path.read_bytes())
    assert (first.subject, first.issuer) == ("CN=orders", "CN=Test authority")
    assert int(first.serial_number, 16) == shown.serial_number
    assert x509.load_pem_x509_certificate(first.pem.encode()) == shown


async def test_a_client_that_does_not_speak_tls_harms_nobody(authority: Authority) -> None:
    async with secured(authority) as listener:
        with socket.create_connection((LOOPBACK, listener.ports["https"])) as plain:
            plain.sendall(GET)
            async with Client(listener, tls=trusting(authority)) as client:
                assert (await client.ask(GET)).status == 200


@pytest.mark.parametrize(
    ("store", "reason"),
    [
        (KeyStoreSettings(file_name="missing.pem"), "cannot be read"),
        (
            KeyStoreSettings(file_name="authority.pem"),
            "no usable certificate .*: PEM texts of both are needed",
        ),
        (
            KeyStoreSettings(file_name="authority.pem", key_file="127.0.0.1.pem"),
            "the key is not that of the certificate",
        ),
        (KeyStoreSettings(file_name="esb.p12", password="wrong"), "cannot be opened"),
        (KeyStoreSettings(file_name="java.p12"), r"it is a Java key store.* -destkeystore /.*/java\.pkcs12 "),
    ],
)
async def test_a_key_store_that_cannot_be_used_stops_the_start(
    authority: Authority, store: KeyStoreSettings, reason: str
) -> None:
    as_pkcs12(authority.folder, "right")
    (authority.folder / "java.p12").write_bytes(b"\xfe\xed\xfe\xed\0\0\0\2")
    with pytest.raises(MicroIntegratorError, match=reason):
        async with secured(authority, store):
            pass


async def test_a_replaced_certificate_is_shown_to_the_next_client(authority: Authority) -> None:
    settings = HttpListenerSettings(keystore=PEM)
    tls = ServerTls(settings, authority.folder, KeyStoreSettings())
    tls.load()
    before = tls.context_for(LOOPBACK)
    tls.reload_if_changed()
    assert tls.context_for(LOOPBACK) is before
    authority.server(LOOPBACK_NAME)
    with recorded_lines() as lines:
        tls.reload_if_changed()
    assert tls.context_for(LOOPBACK) is not before
    assert lines.texts() == ["The certificates of the HTTPS listener have been read again"]


async def test_one_context_for_a_whole_life_shows_the_newest_certificate_and_still_asks_for_one(
    authority: Authority,
) -> None:
    settings = HttpListenerSettings(
        keystore=PEM, verify_client="require", truststore=TrustStoreSettings(file_name=authority.pem.name)
    )
    tls = ServerTls(settings, authority.folder, KeyStoreSettings(), "management API")

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readline())
        writer.close()

    async def shown_to(context: ssl.SSLContext, port: int) -> bytes:
        reader, writer = await asyncio.open_connection(LOOPBACK, port, ssl=context)
        found = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.write(b"ping\n")
        assert await reader.readline() == b"ping\n"
        writer.close()
        assert isinstance(found, bytes)
        return found

    known = trusting(authority)
    known.load_cert_chain(authority.client("nora", "pem"))
    async with await asyncio.start_server(answered, LOOPBACK, 0, ssl=tls.lasting_context()) as server:
        port = server.sockets[0].getsockname()[1]
        first = await shown_to(known, port)
        authority.server(LOOPBACK_NAME)
        with recorded_lines() as lines:
            tls.reload_if_changed()
        assert lines.texts() == ["The certificates of the management API have been read again"]
        assert await shown_to(known, port) != first
        # of TLS 1.2, a client hears before its handshake is over that it should have shown one
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await shown_to(trusting(authority, maximum_version=ssl.TLSVersion.TLSv1_2), port)


async def test_a_store_that_is_there_only_after_its_profile_is_read_then(authority: Authority) -> None:
    profiles = authority.folder / "profiles.xml"
    profiles.write_text("<profiles/>")
    settings = HttpListenerSettings(
        keystore=PEM, ssl_profile=ListenerProfileSettings(file_path="profiles.xml")
    )
    tls = ServerTls(settings, authority.folder, KeyStoreSettings())
    tls.load()
    profiles.write_text(PROFILES)
    with recorded_lines() as lines:
        tls.reload_if_changed()
        for name in ("orders.example", "bills.example"):
            authority.server(x509.DNSName(name))
        tls.reload_if_changed()
        tls.reload_if_changed()
    former, news = lines.texts()
    assert former.startswith("The former certificates stay in force: The key store")
    assert news == "The certificates of the HTTPS listener have been read again"
    assert tls.context_for("127.0.0.2") is not tls.context_for(LOOPBACK)


async def test_a_damaged_certificate_changes_nothing_and_is_told_once(authority: Authority) -> None:
    tls = ServerTls(HttpListenerSettings(keystore=PEM), authority.folder, KeyStoreSettings())
    tls.load()
    before = tls.context_for(LOOPBACK)
    (authority.folder / "127.0.0.1.pem").write_text("rubbish")
    with recorded_lines() as lines:
        tls.reload_if_changed()
        tls.reload_if_changed()
    assert tls.context_for(LOOPBACK) is before
    assert len(lines.texts()) == 1
    assert lines.texts()[0].startswith("The former certificates stay in force: The key store")


async def test_a_certificate_is_replaced_under_load(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("micro_integrator.transports.http.server.listener.LOOK_EVERY", 0.02)
    async with secured(authority) as listener, Client(listener, tls=trusting(authority)) as kept:
        first = await shown(listener, authority)
        authority.server(LOOPBACK_NAME)
        async with asyncio.timeout(5):
            while await shown(listener, authority) == first:
                assert (await kept.ask(GET)).status == 200
        assert (await kept.ask(GET)).status == 200


async def test_a_certificate_that_ends_soon_is_told_when_the_listener_opens(authority: Authority) -> None:
    with recorded_lines() as lines:
        async with secured(authority), asyncio.timeout(5):
            while not any("in 127.0.0.1.pem ends on" in text for text in lines.texts()):
                await asyncio.sleep(0.01)


async def test_a_refused_client_is_told_that_nothing_follows(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "LINGER_LIMIT", 0.1)
    async with secured(authority) as listener:
        address = LOOPBACK, listener.ports["https"]

        def answer_of_rubbish() -> bytes:
            strict = trusting(authority).wrap_socket(
                socket.create_connection(address), server_hostname=LOOPBACK, suppress_ragged_eofs=False
            )
            with strict:
                strict.sendall(b"rubbish\r\n\r\n")
                return b"".join(iter(lambda: strict.recv(1000), b""))

        assert (await asyncio.to_thread(answer_of_rubbish)).startswith(b"HTTP/1.1 400 ")


PROFILES = """<parameter name="SSLProfiles">
    <profile>
        <serverName>orders.example</serverName>
        <KeyStore><Location>orders.example.pem</Location></KeyStore>
    </profile>
    <profile>
        <bindAddress>127.0.0.2</bindAddress>
        <KeyStore><Location>bills.example.pem</Location></KeyStore>
        <HttpsProtocols>TLSv1.2</HttpsProtocols>
    </profile>
</parameter>"""


async def test_a_profile_is_chosen_by_name_and_by_address(authority: Authority) -> None:
    for name in ("orders.example", "bills.example"):
        authority.server(x509.DNSName(name))
    (authority.folder / "profiles.xml").write_text(PROFILES)
    profiles = ListenerProfileSettings(file_path="profiles.xml")
    tls = ServerTls(
        HttpListenerSettings(keystore=PEM, ssl_profile=profiles), authority.folder, KeyStoreSettings()
    )
    tls.load()
    assert tls.context_for("127.0.0.2").maximum_version is ssl.TLSVersion.TLSv1_2
    async with secured(authority, ssl_profile=profiles) as listener:
        usual = await shown(listener, authority)
        named = await shown(listener, authority, "orders.example")
        assert await shown(listener, authority, "other.example") == usual
    names = x509.load_der_x509_certificate(named).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )
    assert names.value.get_values_for_type(x509.DNSName) == ["orders.example"]


async def test_a_profile_by_name_cannot_ask_for_certificates_the_listener_does_not(
    authority: Authority,
) -> None:
    authority.server(x509.DNSName("orders.example"))
    text = PROFILES.replace("</serverName>", "</serverName><SSLVerifyClient>require</SSLVerifyClient>")
    (authority.folder / "profiles.xml").write_text(text)
    settings = HttpListenerSettings(
        keystore=PEM, ssl_profile=ListenerProfileSettings(file_path="profiles.xml")
    )
    with pytest.raises(MicroIntegratorError, match="SSLVerifyClient"):
        ServerTls(settings, authority.folder, KeyStoreSettings()).load()
