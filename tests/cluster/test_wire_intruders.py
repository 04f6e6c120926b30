"""Somebody on the port of the wire who should not be there, or who should know better."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
from harness import CLEAN, ROUND_ROBIN, Group, Machines, on, said
from integration.wire.groups import Caller

from micro_integrator.cluster.wire.frames import Kind, encode_numbers

pytestmark = on("postgresql", because="nobody on the port has anything to do with the database")

FLOOD = 5000
STRANGERS = 200
MUTE = 40
Attack = Callable[[int, str], Awaitable[None]]


async def _talk_nonsense(port: int, key: str) -> None:
    for number in range(STRANGERS):
        async with await _caller(port) as stranger:
            stranger.writer.write(b"\x16\x03\x01" if number % 2 else b"\x00\x15\x01MIW")


async def _take_all_places(port: int, key: str) -> None:
    async with AsyncExitStack() as house:
        mute = [await house.enter_async_context(await _caller(port)) for _ in range(MUTE)]
        await asyncio.gather(*(each.was_ended() for each in mute))


async def _look_and_look(port: int, key: str) -> None:
    async with await _caller(port) as member:
        await member.introduce("ghost", "boot of a ghost", key=key, group="default")
        assert await member.hear() is not None
        for seq in range(10_000, 10_000 + FLOOD):
            member.writer.write(encode_numbers(Kind.LOOK, seq))
        await member.writer.drain()
        member.say(Kind.HELLO, bytes(20))
        assert await member.was_ended()


@pytest.mark.parametrize(
    ("attack", "warning"),
    [
        (_talk_nonsense, "Wire handshake with 127.0.0.1:"),
        (_take_all_places, "Wire handshake with 127.0.0.1:"),
        (_look_and_look, "Wire to member [ghost] closed: HELLO out of order"),
    ],
)
def test_an_intruder_costs_one_warning_and_neither_a_wire_nor_a_lease_nor_a_fire(
    group: Group, attack: Attack, warning: str
) -> None:
    with Machines(group, 2, settings=ROUND_ROBIN) as fleet:
        fleet.deploy(4)
        fleet.start()
        fleet.wait_complete()
        boots, victim = fleet.boot_ids(), fleet.homes[0]
        [[key]] = group.rows("SELECT WIRE_KEY FROM MI_CLUSTER_SIGNAL")
        asyncio.run(_within(20.0, attack(fleet.ports[victim.name], key)))
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)
        [told] = said(victim, " WARN {PeerWire}")
        assert warning in told
        assert "incomplete" not in group.log()
        assert "FailureDetector" not in group.log()
        assert fleet.boot_ids() == boots
        assert fleet.books() == CLEAN


async def _within(seconds: float, work: Awaitable[None]) -> None:
    async with asyncio.timeout(seconds):
        await work


async def _caller(port: int) -> Caller:
    return Caller(*await asyncio.open_connection("127.0.0.1", port))
