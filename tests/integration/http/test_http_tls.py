"""HTTPS: who is believed, and who is not."""

import asyncio
import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from harness.back_end import LIMIT, Backend, Conversation
from integration.http.authority import ELSEWHERE, LOOPBACK, Authority
from integration.http.sending import body_of, request, sender

from micro_integrator.config import (
    HttpSenderSettings,
    KeyStoreSettings,
    SenderProfileSettings,
    TrustStoreSettings,
)
from micro_integrator.kit import MicroIntegratorError
from micro_integrator.observability import recorded_lines
from micro_integrator.synapse import EndpointError
from micro_integrator.transports import HttpSender, TrustStoreError
from micro_integrator.transports.tls import TlsProfile


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def trusting(verifier: str = "Strict", **store: Any) -> HttpSenderSettings:
    return HttpSenderSettings(hostname_verifier=verifier, truststore=TrustStoreSettings(**store))


async def refusal(http: HttpSender, url: str) -> EndpointError:
    with pytest.raises(EndpointError) as caught:
        await http.send(request(url))
    return caught.value


async def test_a_back_end_with_a_certificate_of_a_trusted_authority(authority: Authority) -> None:
    settings = trusting(file_name="authority.pem")
    async with (
        Backend(tls=authority.server(LOOPBACK)) as backend,
        sender(authority.folder, sender=settings) as http,
    ):
        for _ in range(3):
            answer = await http.send(request(f"{backend.url}/orders", "POST", b"<order/>"))
            assert answer.body.written("text/plain", "utf-8") == b"ok"
    assert backend.connections == 1
    assert backend.requests[0].header("Host") == f"127.0.0.1:{backend.port}"


async def test_a_trust_store_of_java_as_pkcs12(authority: Authority) -> None:
    settings = trusting(file_name=str(authority.pkcs12("changeit")), password="changeit")
    async with Backend(tls=authority.server(LOOPBACK)) as backend, sender(sender=settings) as http:
        assert (await http.send(request(backend.url))).status == 200


async def test_a_certificate_that_nobody_vouches_for_is_refused(authority: Authority) -> None:
    async with Backend(tls=authority.server(LOOPBACK)) as backend, sender() as http:
        error = await refusal(http, backend.url)
    assert (error.code, backend.requests) == (101500, [])
    assert "certificate verify failed" in str(error)


async def test_a_certificate_for_another_host_is_refused(authority: Authority) -> None:
    settings = trusting(file_name=str(authority.pem))
    async with Backend(tls=authority.server(ELSEWHERE)) as backend, sender(sender=settings) as http:
        error = await refusal(http, backend.url)
    assert (error.code, backend.requests) == (101500, [])
    assert "IP address mismatch" in str(error)


@pytest.mark.parametrize("verifier", ["AllowAll", "DefaultAndLocalhost"])
async def test_host_names_are_not_compared_where_the_settings_say_so(
    authority: Authority, verifier: str
) -> None:
    settings = trusting(verifier, file_name=str(authority.pem))
    async with Backend(tls=authority.server(ELSEWHERE)) as backend, sender(sender=settings) as http:
        assert (await http.send(request(backend.url))).status == 200


async def test_any_host_name_still_needs_a_certificate_somebody_vouches_for(authority: Authority) -> None:
    async with (
        Backend(tls=authority.server(LOOPBACK)) as backend,
        sender(sender=trusting("AllowAll")) as http,
    ):
        assert (await refusal(http, backend.url)).code == 101500


@pytest.mark.parametrize("verifier", ["Strict", "AllowAll"])
def test_versions_before_tls_1_2_are_not_spoken(verifier: str) -> None:
    context = TlsProfile(trusting(verifier), Path()).context_for("example")
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname is (verifier == "Strict")


async def test_plain_http_where_https_is_expected_is_a_tls_failure(authority: Authority) -> None:
    async def plain(talk: Conversation) -> None:
        await talk.answer(b"", status="400 Bad Request")
        await talk.gone()

    async with Backend(plain) as backend, sender() as http:
        assert (await refusal(http, backend.url.replace("http", "https"))).code == 101500


@pytest.mark.parametrize(
    ("content", "store", "reason"),
    [
        (None, {}, "cannot be read: No such file or directory"),
        (b"no certificate", {}, "holds no certificate"),
        (b"no archive", {"type": "PKCS12"}, "cannot be opened"),
    ],
)
async def test_a_trust_store_that_cannot_be_used_is_named_at_the_start(
    tmp_path: Path, content: bytes | None, store: dict[str, str], reason: str
) -> None:
    if content is not None:
        (tmp_path / "store").write_bytes(content)
    with pytest.raises(TrustStoreError, match=reason) as caught:
        async with sender(tmp_path, sender=trusting(file_name="store", **store)):
            pass
    assert str(tmp_path / "store") in str(caught.value)


async def shown(talk: Conversation) -> None:
    """Answer with the name that the client's certificate carries."""
    while True:
        await talk.request()
        await talk.answer(talk.peer_name().encode())


def asking(authority: Authority) -> ssl.SSLContext:
    """What a server needs that wants to know who its clients are."""
    context = authority.server(LOOPBACK)
    context.load_verify_locations(authority.pem)
    context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.mark.parametrize("form", ["pem", "p12"])
async def test_a_back_end_that_asks_for_it_is_shown_our_certificate(authority: Authority, form: str) -> None:
    store = authority.client("gateway", form, password="secret")
    settings = HttpSenderSettings(
        truststore=TrustStoreSettings(file_name=str(authority.pem)),
        keystore=KeyStoreSettings(file_name=str(store), password="secret"),
    )
    async with Backend(shown, tls=asking(authority)) as backend, sender(sender=settings) as http:
        assert await body_of(await http.send(request(backend.url))) == b"gateway"


async def test_without_a_certificate_such_a_back_end_lets_nobody_in(authority: Authority) -> None:
    settings = trusting(file_name=str(authority.pem))
    async with Backend(shown, tls=asking(authority)) as backend, sender(sender=settings) as http:
        await refusal(http, backend.url)
    assert backend.requests == []


async def test_a_key_store_that_cannot_be_used_is_named_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "key.pem").write_bytes(b"no key")
    settings = HttpSenderSettings(keystore=KeyStoreSettings(file_name="key.pem"))
    with pytest.raises(MicroIntegratorError, match="holds no usable certificate"):
        async with sender(tmp_path, sender=settings):
            pass


def written_profiles(folder: Path, backend: Backend, day: Path, night: Path, authority: Authority) -> Path:
    def profile(store: Path, more: str = "") -> str:
        return (
            f"<profile><servers>127.0.0.1:{backend.port}</servers>{more}"
            f"<KeyStore><Location>{store}</Location></KeyStore>"
            f"<TrustStore><Location>{authority.pem}</Location></TrustStore></profile>"
        )

    path = folder / "profiles.xml"
    chosen = profile(night, "<clientIdentifier>night</clientIdentifier>")
    path.write_text(f"<parameter name='customSSLProfiles'>{profile(day)}{chosen}</parameter>")
    return path


async def test_profiles_choose_the_certificate_by_server_and_by_message(
    authority: Authority, tmp_path: Path
) -> None:
    day, night = authority.client("day", "pem"), authority.client("night", "pem")
    async with Backend(shown, tls=asking(authority)) as backend:
        path = written_profiles(tmp_path, backend, day, night, authority)
        settings = HttpSenderSettings(ssl_profile=SenderProfileSettings(file_path=str(path)))
        async with sender(sender=settings) as http:
            names = []
            for client in (None, "night", None):
                asked = request(backend.url)
                asked.options = {"ssl.profile.client.identifier": client}
                names.append(await body_of(await http.send(asked)))
    assert names == [b"day", b"night", b"day"]
    assert backend.connections == 2


async def test_changed_certificates_are_taken_up_and_unusable_ones_are_not(
    authority: Authority, tmp_path: Path
) -> None:
    store = tmp_path / "key.pem"
    store.write_bytes(authority.client("old", "pem").read_bytes())
    settings = HttpSenderSettings(
        truststore=TrustStoreSettings(file_name=str(authority.pem)),
        keystore=KeyStoreSettings(file_name=str(store)),
    )
    async with Backend(shown, tls=asking(authority)) as backend:
        clock = HandClock()
        async with sender(sender=settings, clock=clock) as http:
            assert await body_of(await http.send(request(backend.url))) == b"old"
            store.write_bytes(b"no key at all")
            with recorded_lines() as lines:
                await clock.strike()
            assert any("stay in force" in text for text in lines.texts())
            assert await body_of(await http.send(request(backend.url))) == b"old"
            store.write_bytes(authority.client("new", "pem").read_bytes())
            await clock.strike()
            assert await body_of(await http.send(request(backend.url))) == b"new"


async def test_a_store_that_is_there_only_after_its_profile_is_read_then(
    authority: Authority, tmp_path: Path
) -> None:
    profiles, store = tmp_path / "profiles.xml", tmp_path / "key.pem"
    profiles.write_text("<profiles/>")
    settings = HttpSenderSettings(ssl_profile=SenderProfileSettings(file_path=str(profiles)))
    async with Backend(shown, tls=asking(authority)) as backend:
        clock = HandClock()
        async with sender(sender=settings, clock=clock) as http:
            profiles.write_text(
                "<profiles><profile><servers>*</servers>"
                f"<KeyStore><Location>{store}</Location></KeyStore>"
                f"<TrustStore><Location>{authority.pem}</Location></TrustStore></profile></profiles>"
            )
            await clock.strike()
            assert (await refusal(http, backend.url)).code == 101500
            store.write_bytes(authority.client("late", "pem").read_bytes())
            await clock.strike()
            assert await body_of(await http.send(request(backend.url))) == b"late"


@pytest.mark.parametrize("says_goodbye", [True, False], ids=["goodbye", "no-goodbye"])
@pytest.mark.parametrize("length", [b"Content-Length: 200000\r\n", b""], ids=["counted", "until-closed"])
async def test_an_answer_arrives_whole_though_its_reader_is_slow_and_the_back_end_hangs_up(
    authority: Authority, length: bytes, says_goodbye: bool
) -> None:
    half = bytes(100_000)
    is_read, tls = threading.Event(), authority.server(LOOPBACK)

    def answer() -> None:
        plain, _ = listening.accept()
        with tls.wrap_socket(plain, server_side=True) as back_end:  # at its end only the socket is closed
            back_end.recv(1000)
            back_end.sendall(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n" + half)
            is_read.wait(LIMIT)
            back_end.sendall(half)
            if says_goodbye:
                back_end.settimeout(0.01)  # and does not wait for an answer to that
                with suppress(TimeoutError):
                    back_end.unwrap()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        answering = threading.Thread(target=answer)
        answering.start()
        async with sender(authority.folder, sender=trusting(file_name="authority.pem")) as http:
            response = await http.send(request(f"https://127.0.0.1:{listening.getsockname()[1]}"))
            await asyncio.sleep(0.1)  # more has come than is kept for a reader: nothing is taken in any more
            is_read.set()
            await asyncio.to_thread(answering.join, LIMIT)
            await asyncio.sleep(0.1)  # the end has come, too
            assert len(await body_of(response)) == 2 * len(half)


class HandClock:
    """Sleeps until it strikes."""

    def __init__(self) -> None:
        self._turn = asyncio.Event()

    def now(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        await self._turn.wait()
        await asyncio.sleep(0)

    async def strike(self) -> None:
        """Let everybody go on once."""
        self._turn.set()
        await asyncio.sleep(0)
        self._turn.clear()
        for _ in range(5):
            await asyncio.sleep(0)
