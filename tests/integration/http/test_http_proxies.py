"""Back ends behind a proxy."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from harness.back_end import Backend
from integration.http.authority import LOOPBACK, Authority
from integration.http.sending import request, sender

from micro_integrator.config import HttpSenderSettings, ProxyProfileSettings, TrustStoreSettings
from micro_integrator.synapse import EndpointError, MediationError


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@dataclass
class TunnelProxy:
    """Answers CONNECT with `answer`, then passes bytes on."""

    answer: bytes = b"HTTP/1.1 200 Connection established\r\n\r\n"
    port: int = 0
    asked: list[bytes] = field(default_factory=list)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["TunnelProxy"]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield self

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            head = await reader.readuntil(b"\r\n\r\n")
            self.asked.append(head)
            writer.write(self.answer)
            if b" 200 " in self.answer:
                host, _, port = head.split()[1].decode().rpartition(":")
                behind, before = await asyncio.open_connection(host, int(port))
                await asyncio.gather(_pass_on(reader, before), _pass_on(behind, writer))
        writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()


def secured(authority: Authority, proxy: TunnelProxy) -> HttpSenderSettings:
    return HttpSenderSettings(
        truststore=TrustStoreSettings(file_name=str(authority.pem)),
        secured_proxy_host="127.0.0.1",
        secured_proxy_port=proxy.port,
        secured_proxy_username="me",
        secured_proxy_password="secret",
    )


async def test_a_plain_request_is_handed_to_the_proxy_with_its_whole_url() -> None:
    async with Backend() as proxy:
        settings = HttpSenderSettings(proxy_host="127.0.0.1", proxy_port=proxy.port)
        async with sender(sender=settings) as http:
            for name in ("one", "two"):
                await http.send(request(f"http://{name}.example/orders"))
    assert [received.target for received in proxy.requests] == [
        "http://one.example/orders",
        "http://two.example/orders",
    ]
    assert proxy.requests[0].header("Host") == "one.example"


async def test_a_host_that_needs_no_proxy_is_reached_directly() -> None:
    async with Backend() as backend, Backend() as proxy:
        settings = HttpSenderSettings(
            proxy_host="127.0.0.1", proxy_port=proxy.port, non_proxy_hosts="127.*|localhost"
        )
        async with sender(sender=settings) as http:
            await http.send(request(backend.url))
    assert (len(backend.requests), proxy.connections) == (1, 0)


async def test_a_profile_chooses_the_proxy_by_the_host() -> None:
    async with Backend() as orders, Backend() as usual:
        profiles = [
            ProxyProfileSettings(target_hosts=(re.compile(host),), proxy_host="127.0.0.1", proxy_port=port)
            for host, port in ((".*", usual.port), (r"orders\..*", orders.port))
        ]
        async with sender(proxy_profile=profiles) as http:
            await http.send(request("http://orders.example/a"))
            await http.send(request("http://bills.example/b"))
    assert [received.target for received in orders.requests] == ["http://orders.example/a"]
    assert [received.target for received in usual.requests] == ["http://bills.example/b"]


async def test_a_secured_request_goes_through_a_tunnel(authority: Authority) -> None:
    proxy = TunnelProxy()
    async with (
        Backend(tls=authority.server(LOOPBACK)) as backend,
        proxy.running(),
        sender(sender=secured(authority, proxy)) as http,
    ):
        for _ in range(2):
            assert (await http.send(request(f"{backend.url}/orders", "POST", b"x"))).status == 200
    assert [received.target for received in backend.requests] == ["/orders", "/orders"]
    assert backend.requests[0].header("Proxy-Authorization") is None
    [asked] = proxy.asked
    assert asked.startswith(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\n" % backend.port)
    assert b"Proxy-Authorization: Basic bWU6c2VjcmV0\r\n" in asked


@pytest.mark.parametrize(
    ("answer", "code", "reason"),
    [
        (b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", 101503, "does not connect .*: 407"),
        (b"220 mail\r\n\r\n", 101506, "does not answer in HTTP"),
        (b"HTTP/1.1 201 Yes\r\n\r\nwelcome", 101506, "says more than that it has connected"),
        (b"HTTP/1.1 201 Yes\r\n\r\n", 101500, "TLS with .*: the connection was closed"),
        (b"", 101503, "has closed the connection"),
    ],
)
async def test_a_proxy_that_opens_no_tunnel(
    authority: Authority, answer: bytes, code: int, reason: str
) -> None:
    proxy = TunnelProxy(answer)
    async with proxy.running(), sender(sender=secured(authority, proxy)) as http:
        with pytest.raises(EndpointError, match=reason) as caught:
            await http.send(request("https://orders.example/"))
    assert caught.value.code == code
    assert "secret" not in str(caught.value)


async def test_a_guarded_address_is_not_reached_through_a_proxy_either() -> None:
    async with Backend() as proxy:
        settings = HttpSenderSettings(proxy_host="127.0.0.1", proxy_port=proxy.port)
        async with sender(sender=settings) as http:
            with pytest.raises(MediationError, match="only literal text of an artifact may name"):
                await http.send(request("http://169.254.169.254/latest"))
    assert proxy.requests == []
