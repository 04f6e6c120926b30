"""Hosts with several addresses, and addresses that change."""

import asyncio
import socket
import threading
from typing import Any

import pytest
from harness.back_end import LIMIT, Backend, ok
from integration.http.sending import request, sender
from integration.http.test_http_failures import deaf_port
from servers.ports import free_port

from micro_integrator.synapse import EndpointError
from micro_integrator.transports.http.client.racing import Address


class Resolver:
    """Knows one host; counts how often it is asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ports: list[int] = []
        self.asked = 0
        monkeypatch.setattr("micro_integrator.transports.http.client.lookups.addresses_of", self._find)

    async def _find(self, host: str, port: int) -> list[Address]:
        assert (host, port) == ("orders.example", 80)
        self.asked += 1
        return [(socket.AF_INET, ("127.0.0.1", port)) for port in self.ports]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Resolver:
    return Resolver(monkeypatch)


async def test_the_next_address_is_tried_when_one_refuses(resolver: Resolver) -> None:
    async with Backend() as backend, sender() as http:
        resolver.ports = [free_port(), free_port(), backend.port]
        assert (await http.send(request("http://orders.example/"))).status == 200
    assert backend.requests[0].header("Host") == "orders.example"


async def test_an_address_that_lets_nobody_in_does_not_hold_up_the_next(resolver: Resolver) -> None:
    async with deaf_port() as deaf, Backend() as backend, sender() as http:
        resolver.ports = [deaf, backend.port]
        begun = asyncio.get_running_loop().time()
        assert (await http.send(request("http://orders.example/"))).status == 200
        assert 0.2 < asyncio.get_running_loop().time() - begun < LIMIT


async def test_when_no_address_lets_us_in_the_first_refusal_is_told(resolver: Resolver) -> None:
    resolver.ports = [free_port(), free_port()]
    async with sender() as http:
        with pytest.raises(EndpointError, match=r"http://orders\.example:80: ") as caught:
            await http.send(request("http://orders.example/"))
    assert caught.value.code == 101503


async def test_all_addresses_together_have_the_connection_time_out(resolver: Resolver) -> None:
    async with deaf_port() as deaf, sender(connection_timeout=0.4) as http:
        resolver.ports = [deaf, deaf]
        with pytest.raises(EndpointError, match=r"within 0\.4 s") as caught:
            await http.send(request("http://orders.example/"))
    assert caught.value.code == 101508


async def test_a_host_that_has_moved_is_found_again(resolver: Resolver) -> None:
    async with Backend(ok) as new, sender() as http:
        async with Backend(ok) as old:
            resolver.ports = [old.port]
            await http.send(request("http://orders.example/"))
            await http.send(request("http://orders.example/"))
            assert resolver.asked == 1
        resolver.ports = [new.port]
        assert (await http.send(request("http://orders.example/"))).status == 200
    assert (len(old.requests), len(new.requests), resolver.asked) == (2, 1, 2)


async def test_a_silent_name_server_is_asked_once_however_many_want_to_know(
    resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering = asyncio.Event()
    find = resolver._find

    async def finds_late(host: str, port: int) -> list[Address]:
        found = await find(host, port)
        await answering.wait()
        return found

    monkeypatch.setattr("micro_integrator.transports.http.client.lookups.addresses_of", finds_late)
    async with Backend(ok) as backend, sender() as http:
        resolver.ports = [backend.port]
        impatient = request("http://orders.example/", time_limit=0.1)
        first = asyncio.ensure_future(http.send(impatient))
        others = [asyncio.ensure_future(http.send(request("http://orders.example/"))) for _ in range(20)]
        with pytest.raises(EndpointError):
            await first
        assert resolver.asked == 1
        answering.set()
        assert [answer.status for answer in await asyncio.gather(*others)] == [200] * 20
        backend.requests.clear()
        await backend.hang_up()
        assert (await http.send(request("http://orders.example/"))).status == 200
    assert resolver.asked == 2


async def test_silent_name_servers_hold_up_neither_other_hosts_nor_the_end_of_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answering, resolve = threading.Event(), socket.getaddrinfo

    def waits_for_most(host: str, port: int, **more: Any) -> Any:
        if host != "localhost":
            answering.wait(LIMIT)
        return resolve("127.0.0.1", port, **more)

    monkeypatch.setattr(socket, "getaddrinfo", waits_for_most)
    async with Backend() as backend, sender(connection_timeout=LIMIT) as http:
        url = backend.url.replace("127.0.0.1", "{}")
        waiting = [asyncio.ensure_future(http.send(request(url.format(f"h{n}.example")))) for n in range(20)]
        assert (await http.send(request(url.format("localhost")))).status == 200
        asking = [thread for thread in threading.enumerate() if thread.name == "look-up"]
        assert len(asking) == 20
        assert all(thread.daemon for thread in asking), "the interpreter waits for all others"
        answering.set()
        assert [answer.status for answer in await asyncio.gather(*waiting)] == [200] * 20


async def test_a_host_that_cannot_be_looked_up_for_want_of_a_thread_costs_that_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    async with sender() as http:
        with pytest.raises(EndpointError, match="unavailable") as caught:
            await http.send(request("http://orders.example/"))
    assert caught.value.code == 101503


async def test_a_host_that_is_not_found_is_told_to_all_who_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async def finds_nobody(host: str, port: int) -> list[Address]:
        await asyncio.sleep(0)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("micro_integrator.transports.http.client.lookups.addresses_of", finds_nobody)
    async with sender() as http:
        calls = (http.send(request("http://orders.example/")) for _ in range(3))
        errors = await asyncio.gather(*calls, return_exceptions=True)
    assert [error.code for error in errors if isinstance(error, EndpointError)] == [101503] * 3


async def test_a_name_is_looked_up_for_real() -> None:
    async with Backend() as backend, sender() as http:
        url = backend.url.replace("127.0.0.1", "localhost")
        assert (await http.send(request(url))).status == 200
