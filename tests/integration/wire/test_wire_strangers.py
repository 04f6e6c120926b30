"""Strangers at the liveness socket: whatever they try, members go on and the operator reads one line."""

import asyncio
import os
from dataclasses import replace

import pytest
from integration.wire.groups import OTHER_KEY, PATIENT, QUICK, Caller, Group, sees, stand_in, until

from micro_integrator.cluster.wire.frames import Kind, encode, encode_numbers
from micro_integrator.cluster.wire.handshake import greeting
from micro_integrator.observability import recorded_lines

PREFIX = "Wire handshake with 127.0.0.1:"

NONSENSE = [
    b"GET / HTTP/1.1\r\nHost: mi\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"\x00\x00",
    b"\x04\x01\x01",
    b"\x00\x01\x63",
    b"\x00\x11\x05" + bytes(16),
    b"\x00\x15\x01MIW2" + bytes(16),
    os.urandom(3000),
]


@pytest.mark.parametrize("said", NONSENSE, ids=range(len(NONSENSE)))
async def test_nonsense_is_closed_without_an_answer_and_with_one_warning(group: Group, said: bytes) -> None:
    (node,) = await group.connected("node-1")
    with recorded_lines() as lines:
        for _ in range(5):
            async with await Caller.to(node) as stranger:
                stranger.writer.write(said)
                assert await stranger.was_ended()
    (line,) = lines.texts()
    assert line.startswith(PREFIX)
    assert "another protocol" in line


async def test_half_a_frame_and_an_end_is_another_protocol(group: Group) -> None:
    (node,) = await group.connected("node-1")
    with recorded_lines() as lines:
        async with await Caller.to(node) as stranger:
            stranger.writer.write(b"\x00\x15\x01MIW")
            stranger.writer.write_eof()
            assert await stranger.was_ended()
    (line,) = lines.texts()
    assert line.endswith("failed: another protocol (half a frame)")


async def test_half_a_frame_and_nothing_more_is_a_time_out(group: Group) -> None:
    (node,) = await group.connected("node-1")
    with recorded_lines() as lines:
        async with await Caller.to(node) as stranger:
            stranger.writer.write(b"\x00\x15\x01MIW")
            assert await stranger.was_ended()
    (line,) = lines.texts()
    assert line.endswith("failed: time-out")


async def test_a_look_at_the_port_is_nothing_to_speak_of(group: Group) -> None:
    (node,) = await group.connected("node-1")
    with recorded_lines() as lines:
        for _ in range(3):
            async with await Caller.to(node) as prober:
                prober.writer.write_eof()
                assert await prober.was_ended()
    assert lines.texts() == []


@pytest.mark.parametrize(
    ("key", "group_id", "reason"), [(OTHER_KEY, "group", "wrong key"), (None, "other", "another group")]
)
async def test_a_wrong_key_or_group_is_closed_without_an_answer(
    group: Group, key: str | None, group_id: str, reason: str
) -> None:
    (node,) = await group.connected("node-1")
    with recorded_lines() as lines:
        for _ in range(3):
            async with await Caller.to(node) as stranger:
                await stranger.introduce("node-2", "boot", **({"key": key} if key else {}), group=group_id)
                assert await stranger.was_ended()
    (line,) = lines.texts()
    assert line.endswith(f"failed: {reason}")
    assert not node.wire._links.incoming


async def test_members_with_different_keys_say_so_on_both_sides(group: Group) -> None:
    first, second = await group.add("node-1"), await group.add("node-2", key=OTHER_KEY)
    with recorded_lines() as lines:
        group.introduce()
        await first.heard.until("completeness", False)
        await second.heard.until("completeness", False)
    told = [text for text in lines.texts() if text.startswith(PREFIX)]
    assert sum("wrong key" in text for text in told) == 2
    assert first.heard.of("suspected", "evidence") == second.heard.of("suspected", "evidence") == []


async def test_the_seventeenth_in_its_handshake_is_refused_and_the_rest_is_not(group: Group) -> None:
    node = await group.add("node-1", limits=replace(PATIENT, handshake=5.0))
    waiting = [await Caller.to(node) for _ in range(16)]
    try:
        await until(lambda: len(node.wire._listener._unauthenticated) == 16)
        with recorded_lines() as lines:
            async with await Caller.to(node) as late:
                assert await late.was_ended()
        assert [text.partition(" failed: ")[2] for text in lines.texts()] == ["too many connections"]
        waiting[0].say(Kind.HELLO, greeting(bytes(16)))
        assert await waiting[0].hear() is not None
    finally:
        for caller in waiting:
            caller.writer.transport.abort()
    await until(lambda: not node.wire._listener._unauthenticated)


async def test_no_more_connections_than_allowed_are_kept(group: Group) -> None:
    node = await group.add("node-1", limits=replace(PATIENT, incoming=3))
    callers = [await Caller.to_member(node, f"node-{number}") for number in (2, 3, 4)]
    try:
        await until(lambda: len(node.wire._links.incoming) == 3)
        async with await Caller.to(node) as late:
            assert await late.was_ended()
    finally:
        for caller in callers:
            caller.writer.transport.abort()


async def test_the_newer_connection_of_one_life_replaces_the_older(group: Group) -> None:
    node = await group.add("node-1", limits=PATIENT)
    async with await Caller.to_member(node, "node-2") as older:
        async with await Caller.to_member(node, "node-2") as newer:
            assert await older.was_ended()
            newer.say(Kind.PING, bytes(16))
            assert (await newer.hear()) is not None
        await until(lambda: not node.wire._links.incoming)


async def test_a_member_that_talks_nonsense_is_closed_with_one_warning(group: Group) -> None:
    node = await group.add("node-1", limits=PATIENT)
    with recorded_lines() as lines:
        for _ in range(3):
            async with await Caller.to_member(node, "node-2") as member:
                member.say(Kind.HELLO, bytes(20))
                assert await member.was_ended()
    assert lines.texts() == ["Wire to member [node-2] closed: HELLO out of order"]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"\x04\x01\x07", "a frame of 1025 bytes"),
        (b"\x00\x01\x63", "a frame of type 99"),
        (encode(Kind.LOOK, b"\xff" * 8), "LOOK with a number out of range"),
        (encode(Kind.WELCOME, b"{}"), "WELCOME out of order"),
    ],
)
async def test_a_member_that_was_let_in_and_talks_nonsense_is_neither_heard_nor_suspected(
    group: Group, said: bytes, why: str
) -> None:
    node = await group.add("node-1", limits=PATIENT)
    calls = 0

    async def welcome_and_babble(caller: Caller) -> None:
        nonlocal calls
        calls += 1
        await caller.admit("node-2", "boot of node-2")
        caller.writer.write(said)

    with recorded_lines() as lines:
        async with stand_in(welcome_and_babble) as port:
            sees(node, port)
            await until(lambda: calls >= 3)
    assert node.heard.of("suspected", "evidence", "looked_for") == []
    assert [text for text in lines.texts() if "closed" in text] == [f"Wire to member [node-2] closed: {why}"]


async def test_a_member_that_takes_nothing_is_closed(group: Group) -> None:
    node = await group.add("node-1", limits=replace(PATIENT, unsent_bytes=1024))
    async with await Caller.to_member(node, "node-2") as member:
        await until(lambda: bool(node.wire._links.incoming))
        (link,) = node.wire._links.incoming.values()
        pings = encode_numbers(Kind.PING, 1, 1) * 500
        async with asyncio.timeout(60):  # megabytes fit into the sockets first
            while not link.cut_for:
                member.writer.write(pings)
                await asyncio.sleep(0)
    assert "unsent" in link.cut_for


async def test_strangers_in_a_flood_disturb_no_member(group: Group) -> None:
    first, second = await group.connected("node-1", "node-2")
    with recorded_lines() as lines:
        for number in range(150):
            async with await Caller.to(first) as stranger:
                stranger.writer.write(NONSENSE[number % len(NONSENSE)])
        first.wire.look(7)
        await second.heard.until("looked_for", 7)
        second.wire.look(8)
        await first.heard.until("looked_for", 8)
    assert first.heard.of("suspected") == second.heard.of("suspected") == []
    assert len([text for text in lines.texts() if text.startswith(PREFIX)]) <= 1
    assert first.wire.is_complete


async def test_nobody_is_let_in_before_this_node_knows_its_key(group: Group) -> None:
    node = await group.add("node-1", key="", limits=QUICK)
    with recorded_lines() as lines:
        async with await Caller.to(node) as early:
            early.say(Kind.HELLO, greeting(bytes(16)))
            assert await early.was_ended()
    assert lines.texts() == []
