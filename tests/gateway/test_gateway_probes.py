"""Probes answer at once while the gateway is full."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from gateway.artifacts import relay
from gateway.caller import GET
from gateway.footprint import footprint, resident, wait_for_footprint
from gateway.serving_node import LOOPBACK, ServingNode, serving
from servers.ports import free_port

IN_FLIGHT = 5000
AT_A_TIME = 100
"""Clients that connect together."""
PROBES = 21
QUICK = 0.05
"""Seconds a probe may take."""
LIMIT = 100
RELAY = GET % b"/relay"
HEAD_END = b"\r\n\r\n"


class Withholding:
    """A back end that answers nobody until it `may_answer`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.asked = asyncio.Semaphore(0)
        """Released once for each request."""
        self.may_answer = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self.port, backlog=IN_FLIGHT)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(HEAD_END)
        self.asked.release()
        await self.may_answer.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
        writer.close()


class Crowd:
    """Clients that ask once each, and then wait."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def ask(self, count: int) -> None:
        """Let so many further clients ask."""
        for _ in range(count // AT_A_TIME):
            come = (asyncio.open_connection(LOOPBACK, self._port) for _ in range(AT_A_TIME))
            for stream in await asyncio.gather(*come):
                stream[1].write(RELAY)
                self._streams.append(stream)

    async def statuses(self) -> list[int]:
        """Return what each of them has got, and let them go."""
        heads = [await reader.readuntil(HEAD_END) for reader, _ in self._streams]
        for _, writer in self._streams:
            writer.close()
        return [int(head.split()[1]) for head in heads]


@pytest.fixture(scope="module")
def port() -> int:
    """Where the back end is reached."""
    return free_port()


@pytest.fixture
def back_end(port: int) -> Withholding:
    return Withholding(port)


@pytest.fixture(scope="module")
def gateway(folder: Path, port: int) -> Iterator[ServingNode]:
    artifacts = {"relay": relay("relay", f"http://{LOOPBACK}:{port}")}
    with serving(folder / "node", artifacts, {"mediation": {"max_in_flight": IN_FLIGHT}}) as started:
        yield started


async def test_readiness_is_told_at_once_while_5000_requests_are_in_flight(
    gateway: ServingNode, back_end: Withholding
) -> None:
    crowd, surplus = Crowd(gateway.port), Crowd(gateway.port)
    async with asyncio.timeout(LIMIT), back_end:
        await _fill(crowd, back_end)
        assert await asyncio.to_thread(_seconds_of_a_probe, gateway) < QUICK
        await surplus.ask(AT_A_TIME)
        assert set(await surplus.statuses()) == {503}  # there is no place for more: they hear it at once
        back_end.may_answer.set()
        assert set(await crowd.statuses()) == {200}


async def test_a_crowd_that_has_gone_leaves_nothing_but_what_the_first_one_has_left(
    gateway: ServingNode, back_end: Withholding
) -> None:
    async with asyncio.timeout(LIMIT), back_end:
        idle = footprint(gateway.node)
        await _come_and_go(gateway, back_end)
        used = replace(idle, memory=resident(gateway.node))  # the allocator keeps room for such a crowd
        await _come_and_go(gateway, back_end)
        await asyncio.to_thread(wait_for_footprint, gateway.node, used)


async def _come_and_go(gateway: ServingNode, back_end: Withholding) -> None:
    crowd = Crowd(gateway.port)
    back_end.may_answer.clear()
    await _fill(crowd, back_end)
    back_end.may_answer.set()
    assert set(await crowd.statuses()) == {200}


async def _fill(crowd: Crowd, back_end: Withholding) -> None:
    await crowd.ask(IN_FLIGHT)
    for _ in range(IN_FLIGHT):
        await back_end.asked.acquire()


def _seconds_of_a_probe(gateway: ServingNode) -> float:
    """Return what a probe takes: the best of some, for the rest is the machine's other business."""
    taken = []
    for _ in range(PROBES):
        begun = time.monotonic()
        status, _ = gateway.node.probe("/healthz")
        taken.append(time.monotonic() - begun)
        assert status == 200
    return min(taken)
