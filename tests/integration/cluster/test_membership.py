"""Winning, holding, losing and leaving the lease of a node id, on every database."""

import asyncio
import json
import logging
import subprocess
import sys
from dataclasses import replace

from integration.cluster.members import Activation, Source, active_member, identity, owner
from unit.cluster.rows_of_leases import lease as lease_row
from unit.cluster.rows_of_leases import look, renewed

from micro_integrator.cluster import Insertion, Member
from micro_integrator.cluster.group_statements import READ_LEASE
from micro_integrator.cluster.lease import LeaseRow
from micro_integrator.cluster.neighbours import Neighbours
from micro_integrator.database import DataSource, Statement
from micro_integrator.kit import process_start
from micro_integrator.observability import recorded_lines

LEASE = Statement("SELECT STATUS, BOOT_ID, LEASE_EPOCH, INFO FROM MI_NODE_LEASE WHERE NODE_ID = :node")


async def lease(source: DataSource, node: str = "node-1") -> tuple[object, ...]:
    await source.open()
    try:
        return tuple((await source.rows(LEASE, node=node))[0])
    finally:
        await source.close()


async def until(is_so: object) -> None:
    while not is_so():  # type: ignore[operator]
        await asyncio.sleep(0.02)


async def test_a_member_that_leaves_says_so_and_its_id_is_free_at_once(source: Source) -> None:
    async with active_member(source(), identity()) as first:
        assert (await lease(source()))[0] == "ACTIVE"
        assert await first.leave(5)
    status, boot, epoch, _ = await lease(source())
    assert (status, epoch) == ("LEFT", 1)
    async with active_member(source(), identity()):
        assert (await lease(source()))[:3] != (status, boot, epoch)


async def test_the_status_is_joining_until_the_first_deployment_is_finished(source: Source) -> None:
    active = Activation()
    joined = Member(identity(), source(), create_tables=True)
    joined.listen(active)
    async with joined:
        assert (await lease(source()))[0] == "JOINING"
        assert not joined.is_joined
        joined.deployed()
        await asyncio.wait_for(active.event.wait(), 10)
        assert (await lease(source()))[0] == "ACTIVE"
        assert joined.is_joined


async def test_a_second_live_node_with_the_same_id_never_acts_and_names_the_holder(source: Source) -> None:
    with recorded_lines() as lines:
        async with active_member(source(), identity(host="host-a")) as first:
            second = Member(identity(host="host-b"), source(), create_tables=True)
            second.listen(Activation())
            async with second:
                second.deployed()
                await asyncio.sleep(4.5)  # longer than lease and grace: only a silent holder may be replaced
                assert not second.is_joined
                assert first.is_joined
                assert await first.leave(5)
                await asyncio.wait_for(until(lambda: second.is_joined), 10)
    errors = [record.message for record in lines.records if record.level >= logging.ERROR]
    assert any(
        text.startswith("Node id [node-1] is held by a live process (boot id ") and "host host-a" in text
        for text in errors
    )


async def test_an_id_whose_process_died_on_this_host_is_taken_back_at_once(source: Source) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    started = process_start(child.pid)
    async with active_member(source(), identity(window=60)):
        info = json.loads(str((await lease(source()))[3]))
    info |= {"pid": child.pid, "started": started}
    store = source()
    await store.open()
    await store.changed(
        Statement("UPDATE MI_NODE_LEASE SET STATUS = 'ACTIVE', INFO = :info"), info=json.dumps(info)
    )
    await store.close()
    child.communicate()  # the former owner ends without a word
    async with asyncio.timeout(20), active_member(source(), identity(window=60)) as heir:
        assert heir.is_joined


async def test_an_id_whose_process_died_elsewhere_is_taken_when_its_lease_has_run_out(source: Source) -> None:
    async with active_member(source(), identity(host="host-a")):
        pass  # stopped without leaving, as by a crash
    active = Activation()
    heir = Member(identity(host="host-b"), source(), create_tables=True)
    heir.listen(active)
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with heir:
        heir.deployed()
        await asyncio.wait_for(active.event.wait(), 15)
    assert loop.time() - began >= 3.0


async def test_tasks_stop_at_the_deadline_when_the_lease_cannot_be_renewed(source: Source) -> None:
    active = Activation()
    joined = Member(identity(), source(), create_tables=True)
    joined.listen(active)
    async with joined:
        joined.deployed()
        await asyncio.wait_for(active.event.wait(), 10)
        boot_id = joined.boot_id
        thief = source()
        await thief.open()
        active.event.clear()
        await thief.changed(Statement("UPDATE MI_NODE_LEASE SET STATUS = 'EVICTED'"))
        await thief.close()
        await asyncio.wait_for(until(lambda: active.fences == 1), 5)
        assert not joined.may_act(boot_id)
        await asyncio.wait_for(active.event.wait(), 10)
        assert joined.boot_id != boot_id
        assert not joined.may_act(boot_id)
        assert joined.may_act(joined.boot_id)


async def test_two_groups_on_one_database_do_not_see_each_other(source: Source) -> None:
    async with (
        active_member(source(), identity(group="blue")) as blue,
        active_member(source(), identity(group="green")) as green,
    ):
        await blue.fences.insert([Insertion("task", "d", "RUN", owner(blue))])
        assert await green.fences.read() == []
        await green.fences.insert([Insertion("task", "d", "RUN", owner(green))])
        assert len(await blue.fences.read()) == 1


async def test_an_eviction_is_told_even_when_the_tasks_of_the_dead_cannot_be_counted(source: Source) -> None:
    async with active_member(source(), identity()):
        pass  # ends without a word: its lease stands until somebody evicts it
    database = source()
    await database.open()
    try:
        [row] = [LeaseRow(*one) for one in await database.rows(READ_LEASE, group="default", node="node-1")]
        await database.changed(Statement("DROP TABLE MI_TASK_FENCE"))
        with recorded_lines() as lines:
            assert await Neighbours(identity("node-2"), database).evict(row, 16.5)
    finally:
        await database.close()
    assert lines.texts() == [
        "Member [node-1] is dead (LEASE_EXPIRED); taking over an unknown number of task(s)"
    ]
    assert (await lease(source()))[0] == "EVICTED"


async def test_a_member_that_was_here_first_but_active_later_is_told_when_it_comes(source: Source) -> None:
    mine, older = lease_row("node-2", started=2), lease_row("node-1", started=1)
    neighbours = Neighbours(identity("node-2"), source())
    with recorded_lines() as lines:
        neighbours.announce(look(mine, replace(older, status="JOINING")))
        neighbours.announce(look(mine, older))
        neighbours.announce(look(mine, renewed(older)))
    assert lines.texts() == ["Connected with node [node-1]"]
