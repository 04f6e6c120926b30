"""HTTPS: who is believed, and who is not."""

import ssl
from pathlib import Path
from typing import Any

import pytest
from integration.http.authority import ELSEWHERE, LOOPBACK, Authority
from integration.http.backend import Backend, Conversation
from integration.http.sending import request, sender

from micro_integrator.config import HttpSenderSettings, TrustStoreSettings
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
