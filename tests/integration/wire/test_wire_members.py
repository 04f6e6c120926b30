"""Members and their wire: complete and incomplete, renewals heard, looks passed on, goodbyes understood."""

import asyncio
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from integration.wire.groups import KEY, QUICK, Caller, Group, Heard, port_of, until

from micro_integrator.cluster.wire import Neighbour, Wire, WireSettings
from micro_integrator.cluster.wire.frames import Kind, encode_numbers
from micro_integrator.observability import recorded_lines


async def test_three_members_are_complete_and_say_so_once(group: Group) -> None:
    with recorded_lines() as lines:
        nodes = await group.connected("node-1", "node-2", "node-3")
    told = lines.texts()
    assert told.count("Wire is complete (3 members)") == 3
    for node in nodes:
        assert told.count(f"Wire to member [{node.node_id}] is up ({node.endpoint})") == 2
    assert len(told) == 9


async def test_a_member_alone_is_complete(group: Group) -> None:
    node = await group.add("node-1")
    group.introduce()
    await node.heard.until("completeness", True)


async def test_one_direction_is_enough(group: Group) -> None:
    near, far = await group.add("node-1"), await group.add("node-2")
    far.endpoint = None  # nobody can call it, it can call others
    group.introduce()
    await near.heard.until("completeness", True)
    await far.heard.until("completeness", True)
    near.wire.look(5)
    assert await far.heard.until("looked_for") == ("looked_for", 5)


async def test_a_missing_member_makes_it_incomplete_and_its_return_complete(group: Group) -> None:
    with recorded_lines() as lines:
        first, second = await group.connected("node-1", "node-2")
        absent = Neighbour("node-3", "boot of node-3", None, 1)
        first.wire.set_members([second.neighbour(), absent], 1)
        await first.heard.until("completeness", False)
        assert not first.wire.is_complete
        first.heard.forget()
        first.wire.set_members([second.neighbour()], 1)
        await first.heard.until("completeness", True)
    assert "Wire is incomplete (missing [node-3]); polling every 500 ms" in lines.texts()


async def test_renewals_are_heard_from_both_sides_once_each(group: Group) -> None:
    first, second = await group.connected("node-1", "node-2")
    first.wire.renewed(2)
    told = await second.heard.until("pinged", "node-1", first.boot_id, 2)
    assert isinstance(told[4], float)
    second.wire.renewed(2)
    await first.heard.until("pinged", "node-2", second.boot_id, 2)
    second.wire.renewed(3)
    await first.heard.until("pinged", "node-2", second.boot_id, 3)
    assert len(first.heard.of("pinged")) == 2


async def test_a_renewal_that_a_snapshot_has_shown_is_no_news(group: Group) -> None:
    first, second = await group.connected("node-1", "node-2")
    second.renew_seq = 7
    group.introduce()
    second.wire.renewed(7)
    second.wire.renewed(8)
    await first.heard.until("pinged", "node-2", second.boot_id, 8)
    assert len(first.heard.of("pinged")) == 1


async def test_looks_are_coalesced_to_the_largest(group: Group) -> None:
    first, second, third = await group.connected("node-1", "node-2", "node-3")
    for seq in range(10, 200):
        first.wire.look(seq)
    for other in (second, third):
        await other.heard.until("looked_for", 199)
        assert other.heard.of("looked_for") == [("looked_for", 10), ("looked_for", 199)]


async def test_a_look_at_what_is_already_known_wakes_nobody(group: Group) -> None:
    first, second = await group.connected("node-1", "node-2")
    second.wire.set_members([first.neighbour()], 50)
    first.wire.look(50)
    await asyncio.sleep(2 * QUICK.look_every)  # two looks may not become one here
    first.wire.look(51)
    await second.heard.until("looked_for", 51)
    assert second.heard.of("looked_for") == [("looked_for", 51)]


async def test_a_flood_of_looks_from_a_member_is_coalesced_where_it_arrives(group: Group) -> None:
    node = await group.add("node-1")
    group.introduce()
    async with await Caller.to_member(node, "node-2") as member:
        for seq in range(2, 1002):
            member.writer.write(encode_numbers(Kind.LOOK, seq))
        await node.heard.until("looked_for", 1001)
    assert len(node.heard.of("looked_for")) < 20


async def test_a_goodbye_is_no_suspicion(group: Group) -> None:
    first, second = await group.connected("node-1", "node-2")
    with recorded_lines() as lines:
        await second.wire.bye()
        await until(lambda: not first.wire._links.all())
        await second.wire.stop()
        await first.heard.until("completeness", False)
    assert first.heard.of("suspected", "evidence") == []
    assert [line for line in lines.texts() if "handshake" in line] == []


async def test_a_new_boot_id_says_goodbye_to_the_old_one_and_calls_again(group: Group) -> None:
    first, second = await group.connected("node-1", "node-2")
    second.boot_id = "second life"
    second.wire.set_identity(second.boot_id, 2, KEY, 1)
    group.introduce()
    await until(lambda: all(peer.is_outgoing and peer.is_incoming for peer in first.wire.states.values()))
    assert first.wire.states["node-2"].boot_id == "second life"
    assert first.heard.of("suspected") == []


async def test_a_taken_port_costs_one_warning(group: Group) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, recorded_lines() as lines:
        number = taken.getsockname()[1]
        node = await group.add("node-1", port=number)
        assert node.endpoint is not None
        assert port_of(node) != number
    (line,) = lines.texts()
    assert line.startswith(f"Port {number} of the wire cannot be used")


async def test_the_endpoint_none_means_no_wire() -> None:
    heard = Heard()
    wire = Wire(WireSettings("group", "node-1", 2.0, 0, "none", False, QUICK), heard, heard.tell)
    with recorded_lines() as lines:
        await wire.start()
        wire.set_identity("boot", 1, KEY, 1)
        wire.set_members([], 1)
        await wire.stop()
    assert wire.endpoint("10.0.0.1", is_group_on_this_host=False) is None
    assert not wire.is_complete
    assert heard.news == []
    assert lines.texts() == []


async def test_a_key_that_is_none_is_said_and_the_wire_stays_off(group: Group) -> None:
    with recorded_lines() as lines:
        node = await group.add("node-1", key="no key")
        other = await group.add("node-2")
        group.introduce()
        await node.heard.until("completeness", False)
        await other.heard.until("completeness", False)
    assert "Wire key of group [group] cannot be used: the key is not in hex" in lines.texts()
    assert not any("no key" in line for line in lines.texts())


async def test_a_group_of_sixty_five_has_no_wire(group: Group) -> None:
    small = replace(QUICK, members=2)
    first, second = await group.add("node-1", limits=small), await group.add("node-2", limits=small)
    group.introduce()
    await first.heard.until("completeness", True)
    third = await group.add("node-3", limits=small)
    with recorded_lines() as lines:
        group.introduce()
        await first.heard.until("completeness", False)
        await until(lambda: not first.wire._links.outgoing)
        first.heard.forget()
        group.introduce(first, second)
        await first.heard.until("completeness", True)
    warnings = [text for text in lines.texts() if "more than" in text]
    assert warnings == ["The group has 3 members, more than 2: no wire, polling every 500 ms"] * 3
    assert first.heard.of("suspected") == second.heard.of("suspected") == []
    assert third.heard.of("suspected") == []


async def test_other_programs_do_not_inherit_the_sockets(group: Group) -> None:
    first, _ = await group.connected("node-1", "node-2")
    listing = "from pathlib import Path; print([p.readlink() for p in Path('/proc/self/fd').iterdir() if p.exists()])"
    seen = subprocess.run(
        [sys.executable, "-c", listing], capture_output=True, text=True, check=True, close_fds=False
    ).stdout
    kept = first.wire._listener._kept_open
    assert "pipe:" in seen
    assert str(Path(f"/proc/self/fd/{kept}").readlink()) not in seen


async def test_after_a_stop_the_port_still_accepts_and_says_nothing(group: Group) -> None:
    node = await group.add("node-1")
    await node.wire.stop()
    async with await Caller.to(node) as late:
        late.say(Kind.BYE)
        done, _ = await asyncio.wait([asyncio.ensure_future(late.hear())], timeout=0.1)
        assert not done


async def test_calls_from_other_threads_arrive(group: Group) -> None:
    first, second = await group.connected("node-1", "node-2")
    await asyncio.to_thread(first.wire.look, 99)
    await second.heard.until("looked_for", 99)


async def test_start_and_stop_bear_any_order() -> None:
    heard = Heard()
    wire = Wire(WireSettings("group", "node-1", 2.0, 0, "127.0.0.1", False, QUICK), heard, heard.tell)
    await wire.stop()
    await asyncio.gather(*(wire.start() for _ in range(10)))
    await wire.bye()
    await asyncio.gather(wire.stop(), wire.stop())
    wire.release()
    wire.release()
