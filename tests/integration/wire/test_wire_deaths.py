"""What the end of a connection means: death, life, or nothing."""

import asyncio
import itertools
from dataclasses import replace

import pytest
from integration.wire.groups import PATIENT, QUICK, Caller, Group, port_of, sees, stand_in, until

from micro_integrator.cluster.wire import Neighbour, connector
from micro_integrator.kit import boottime
from micro_integrator.observability import recorded_lines

DEATHS = ("evidence",)


async def test_a_killed_process_is_dead_after_two_refusals(group: Group) -> None:
    first, second, third = await group.connected("node-1", "node-2", "node-3")
    killed_at = boottime()
    second.kill()
    for survivor in (first, third):
        await survivor.heard.until("evidence", "node-2", second.boot_id, "REFUSED")
        assert survivor.heard.of("suspected") == [("suspected", "node-2", second.boot_id)]
        assert survivor.heard.of("alive", "no_evidence") == []
    assert boottime() - killed_at >= 0.05
    await until(lambda: first.wire.states["node-2"].evidence == "REFUSED")


async def test_a_process_that_came_back_at_once_is_evidence_for_the_death_of_the_former(group: Group) -> None:
    first, second = await group.connected("node-1", "node-2")
    port = port_of(second)
    second.kill()
    await group.add("node-2", boot_id="second life", port=port)
    await first.heard.until("evidence", "node-2", "boot of node-2", "REPLACED")


async def test_a_reset_connection_of_a_living_process_is_only_a_suspicion(group: Group) -> None:
    first, second = await group.connected("node-1", "node-2")
    for link in list(second.wire._links.incoming.values()):
        link.cut("reset")
    await first.heard.until("suspected", "node-2")
    await first.heard.until("alive", "node-2", second.boot_id)
    assert first.heard.of(*DEATHS) == []
    await until(lambda: first.wire.states["node-2"].evidence == "")


async def test_a_death_soon_after_the_connection_began_is_told_as_a_death_and_not_first_as_unknown(
    group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connector, "backoff", lambda *_: itertools.repeat(1.1))  # the longest pauses are 5 s
    first, second = await group.add("node-1", limits=replace(QUICK, settled=60.0)), await group.add("node-2")
    group.introduce()
    await until(lambda: bool(first.wire._links.outgoing))
    second.kill()
    await first.heard.until("evidence", "node-2", second.boot_id, "REFUSED")
    assert first.heard.of("no_evidence") == []


async def test_a_suspicion_ends_when_the_snapshot_shows_that_the_member_has_gone(group: Group) -> None:
    first, second = await group.connected("node-1", "node-2")
    await second.wire.stop()  # its port accepts, and nobody answers
    await first.heard.until("suspected", "node-2")
    first.wire.set_members([], 2)
    await first.heard.until("completeness", True)
    assert first.wire.states == {}
    assert not first.wire._connectors


async def test_a_frozen_process_is_silent_and_never_dead(group: Group) -> None:
    first, second = await group.connected("node-1", "node-2")
    await (
        second.wire.stop()
    )  # what a frozen one looks like: the kernel accepts connections, and nobody answers them
    await first.heard.until("no_evidence", "node-2", second.boot_id, "time-out")
    await until(lambda: first.wire.states["node-2"].evidence == "UNKNOWN")
    await asyncio.sleep(1.5)  # beyond its window
    assert first.heard.of(*DEATHS) == []


async def test_a_connection_without_a_byte_is_closed_without_suspicion(group: Group) -> None:
    node = await group.add("node-1")
    admitted: asyncio.Queue[Caller] = asyncio.Queue()

    async def mute(caller: Caller) -> None:
        await caller.admit("node-2", "boot of node-2")
        admitted.put_nowait(caller)

    async with stand_in(mute) as port:
        sees(node, port)
        silent = await admitted.get()
        while (frame := await silent.hear()) is not None:
            assert frame.kind.name in {"PING", "BYE"}
        await admitted.get()  # it has called again
    assert node.heard.of("suspected", *DEATHS) == []


async def test_a_listener_that_accepts_and_says_nothing_is_unknown(group: Group) -> None:
    node = await group.add("node-1", limits=replace(QUICK, handshake=0.1))

    async def mute(caller: Caller) -> None:
        await caller.hear()

    with recorded_lines() as lines:
        async with stand_in(mute) as port:
            sees(node, port)
            await node.heard.until("completeness", False)
            await until(lambda: len(lines.texts()) >= 2)
            await asyncio.sleep(0.5)
    assert node.heard.of("suspected", *DEATHS) == []
    warnings = [text for text in lines.texts() if "handshake" in text]
    assert warnings == [f"Wire handshake with 127.0.0.1:{port} failed: time-out"]


async def test_somebody_who_answers_for_the_dead_hides_the_death(group: Group) -> None:
    """A sidecar accepts and closes: no refusal, no evidence."""
    node = await group.add("node-1", limits=PATIENT)
    calls = 0

    async def first_a_member_then_a_sidecar(caller: Caller) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            await caller.admit("node-2", "boot of node-2")
            await until(lambda: node.wire.is_complete)
        caller.writer.transport.abort()

    async with stand_in(first_a_member_then_a_sidecar) as port:
        sees(node, port)
        await node.heard.until("no_evidence", "node-2", "boot of node-2", "closed before WELCOME")
    assert node.heard.of(*DEATHS) == []


async def test_an_address_that_was_never_proven_gives_no_evidence(group: Group) -> None:
    node = await group.add("node-1")
    async with stand_in(lambda caller: caller.admit("node-2", "boot of node-2")) as port:
        pass  # the port is free again: it refuses
    with recorded_lines() as lines:
        sees(node, port)
        await node.heard.until("completeness", False)
    assert node.heard.of("suspected", *DEATHS) == []
    assert f"Wire handshake with 127.0.0.1:{port} failed: refused" in lines.texts()


async def test_an_endpoint_that_leads_to_another_member_is_one_warning_and_no_evidence(group: Group) -> None:
    first, second = await group.add("node-1"), await group.add("node-2")
    with recorded_lines() as lines:
        wrong = Neighbour("node-3", "boot of node-3", second.endpoint, 1)
        first.wire.set_members([second.neighbour(), wrong], 1)
        await first.heard.until("completeness", False)
        await asyncio.sleep(0.5)  # time for many more attempts
    assert first.heard.of("suspected", *DEATHS) == []
    assert lines.texts().count("Endpoint of member [node-3] leads to [node-2]") == 1


async def test_an_endpoint_that_leads_to_this_node_itself_is_no_evidence(group: Group) -> None:
    node = await group.add("node-1")
    with recorded_lines() as lines:
        sees(node, port_of(node))
        await node.heard.until("completeness", False)
    assert "Endpoint of member [node-2] leads to [node-1]" in lines.texts()
    assert node.heard.of("suspected", *DEATHS) == []


async def test_an_endpoint_that_is_none_is_unresolvable(group: Group) -> None:
    node = await group.add("node-1")
    with recorded_lines() as lines:
        node.wire.set_members([Neighbour("node-2", "boot of node-2", "not an endpoint", 1)], 1)
        await node.heard.until("completeness", False)
    assert any("unresolvable" in text for text in lines.texts())


async def test_members_that_hang_up_on_each_other_at_once_are_asked_with_pauses(group: Group) -> None:
    node = await group.add(
        "node-1", limits=replace(QUICK, settled=60.0, reconnect_first=0.2, reconnect_cap=0.4)
    )
    calls = 0

    async def welcome_and_hang_up(caller: Caller) -> None:
        nonlocal calls
        calls += 1
        await caller.admit("node-2", "boot of node-2")
        caller.writer.close()

    async with stand_in(welcome_and_hang_up) as port:
        sees(node, port)
        await asyncio.sleep(1.0)
    assert 1 < calls < 30
    assert node.heard.of(*DEATHS) == []
