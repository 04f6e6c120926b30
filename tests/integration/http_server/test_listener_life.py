"""Ports, clients in number, and the end of a listener."""

import asyncio
import contextlib
import os
import resource
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from integration.http_server.serving import GET, LOOPBACK, Client, Engine, echo, listening, open_files

from micro_integrator.config import HttpListenerSettings, HttpTransportSettings
from micro_integrator.kit import ListenError
from micro_integrator.observability import recorded_lines
from micro_integrator.synapse import Arrival, Headers, ReplyChannel
from micro_integrator.transports.http.server.listener import HttpListener


def taken_port() -> socket.socket:
    other = socket.socket()
    other.bind((LOOPBACK, 0))
    other.listen()
    return other


async def start(**listener: object) -> None:
    settings = HttpListenerSettings(**{"bind_address": LOOPBACK, "secured_enable": False, **listener})  # type: ignore[arg-type]
    async with HttpListener(HttpTransportSettings(listener=settings), Path(), echo, offset=10):
        pass


async def test_a_taken_port_stops_the_start_and_says_which_key_to_change() -> None:
    with taken_port() as other:
        port = other.getsockname()[1]
        with pytest.raises(
            ListenError, match=r"\[transport.http.listener\] port: 127.0.0.1:\d+ is already in use"
        ):
            await start(port=port - 10)


async def test_an_address_of_another_machine_stops_the_start() -> None:
    with pytest.raises(
        ListenError, match=r"\[transport.http.listener\] port: 192.0.2.1:\d+ cannot be opened"
    ):
        await start(port=18280, bind_address="192.0.2.1")


async def test_the_offset_is_added_to_the_base_port() -> None:
    with taken_port() as other:
        free = other.getsockname()[1]
    settings = HttpListenerSettings(port=free - 10, bind_address=LOOPBACK, secured_enable=False)
    async with HttpListener(HttpTransportSettings(listener=settings), Path(), echo, offset=10) as listener:
        assert listener.ports == {"http": free}


async def test_https_without_a_key_store_is_not_opened_and_that_is_told() -> None:
    settings = HttpListenerSettings(port=0, secured_port=0, bind_address=LOOPBACK)
    with recorded_lines() as lines:
        async with listening(echo, listener=settings) as listener:
            assert set(listener.ports) == {"http"}
    assert any("HTTPS is not opened" in line for line in lines.texts())


async def test_a_client_beyond_the_limit_waits_until_another_has_gone() -> None:
    async with (
        listening(echo, max_open_connections=2) as listener,
        Client(listener) as first,
        Client(listener) as second,
        Client(listener) as waiting,
    ):
        await first.ask(GET)
        await second.ask(GET)
        waiting.send(GET)
        await asyncio.sleep(0.1)
        assert listener.connections == 2
        first.writer.close()
        assert (await waiting.answer()).status == 200


@contextlib.contextmanager
def no_further_file() -> Iterator[None]:
    """Use up the files this process may open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    held: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_files() + 50, hard))
    try:
        with contextlib.suppress(OSError):
            while True:
                held.append(os.dup(0))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        for one in held:
            os.close(one)


async def test_a_client_waits_while_no_further_file_can_be_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("micro_integrator.transports.http.server.listening_port.RESPITE", 0.1)
    loop = asyncio.get_running_loop()
    with recorded_lines() as lines:
        async with listening(echo) as listener, Client(listener) as old:
            await old.ask(GET)
            with socket.socket() as new:
                new.setblocking(False)
                with no_further_file():
                    await loop.sock_connect(new, (LOOPBACK, listener.ports["http"]))
                    await loop.sock_sendall(new, GET)
                    await asyncio.sleep(0.05)
                    assert (await old.ask(GET)).status == 200
                async with asyncio.timeout(5):
                    assert (await loop.sock_recv(new, 1000)).startswith(b"HTTP/1.1 200 OK")
    warnings = [line for line in lines.texts() if "raise the limit of open files" in line]
    assert len(warnings) == 1


async def test_a_draining_listener_answers_those_who_are_here_and_lets_them_go() -> None:
    engine = Engine()
    async with listening(engine.serve) as listener, Client(listener) as busy, Client(listener) as idle:
        busy.send(GET)
        await engine.begun.wait()
        idle.send(GET[:10])
        await asyncio.sleep(0.02)
        listener.drain()
        with pytest.raises(ConnectionRefusedError):
            await Client(listener).__aenter__()
        engine.release.set()
        assert (await busy.answer()).header("Connection") == "close"
        assert (await idle.ask(GET[10:])).header("Connection") == "close"
        assert await listener.settle(5) == 0


async def test_a_client_that_has_just_connected_is_served_though_the_listener_drains() -> None:
    async with listening(echo) as listener:
        with socket.create_connection((LOOPBACK, listener.ports["http"]), timeout=5) as newcomer:
            listener.drain()
            newcomer.sendall(GET)
            assert await listener.settle(5) == 0
            assert newcomer.recv(1000).startswith(b"HTTP/1.1 200 OK")


async def test_a_client_that_is_silent_is_let_go_as_soon_as_everybody_is_answered() -> None:
    engine = Engine()
    async with listening(engine.serve) as listener, Client(listener) as busy, Client(listener) as idle:
        engine.release.set()
        assert (await idle.ask(GET)).status == 200
        engine.release.clear()
        engine.begun.clear()
        busy.send(GET)
        await engine.begun.wait()
        listener.drain()
        settling = asyncio.ensure_future(listener.settle(5))
        engine.release.set()
        assert await settling == 0
        assert await idle.rest() == b""


async def test_settling_ends_at_its_limit_and_tells_what_is_left() -> None:
    engine = Engine()
    async with listening(engine.serve) as listener, Client(listener) as client:
        client.send(GET)
        await engine.begun.wait()
        listener.drain()
        assert await listener.settle(0.1) == 1


async def test_a_stop_cancels_the_work_and_says_so_to_the_client() -> None:
    engine = Engine()
    async with listening(engine.serve) as listener, Client(listener) as client:
        client.send(GET)
        await engine.begun.wait()
        await listener.stop()
        answer = await client.answer()
        assert (answer.status, answer.header("Connection")) == (503, "close")
    assert engine.cancelled == 1


async def test_a_listener_may_be_stopped_twice_and_without_a_start() -> None:
    listener = HttpListener(HttpTransportSettings(), Path(), echo)
    listener.drain()
    assert await listener.settle(1) == 0
    await listener.stop()
    async with listening(echo) as other:
        await asyncio.gather(*(other.stop() for _ in range(5)))


async def test_nothing_is_left_behind_by_a_thousand_clients() -> None:
    async def hurried(arrival: Arrival, reply: ReplyChannel) -> None:
        if arrival.target == "/never":
            await asyncio.Event().wait()
        await reply.reply(200, Headers(), b"x" * 100)

    async with listening(hurried) as listener:
        files = open_files()
        for number in range(1000):
            async with Client(listener) as client:
                match number % 4:
                    case 0:
                        await client.ask(GET)
                    case 1:
                        client.send(GET[:20])
                    case 2:
                        client.send(b"GET /never HTTP/1.1\r\nHost: a\r\n\r\n")
                    case _:
                        client.send(b"rubbish\r\n\r\n")
                        await client.rest()
        async with asyncio.timeout(5):
            while listener.connections or listener.requests:
                await asyncio.sleep(0.01)
        assert open_files() <= files + 1
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        assert len(tasks) <= 1
