import asyncio
import os
import shutil
from pathlib import Path

import pytest
from integration.deployment.node import Node
from unit.deployment.applications import NAMESPACE, application, sequence, task, write_archive, write_folder

from micro_integrator.deployment import State

LIMITS = "<resources><item><file>limits.json</file><path>/_system/config/orders</path></item></resources>"
"""A registry-info.xml that places limits.json under conf:orders/."""


def api(name: str, context: str) -> str:
    return f'<api {NAMESPACE} name="{name}" context="{context}"><resource/></api>'


def orders(**artifacts: tuple[str, str]) -> dict[str, str]:
    return application(artifacts)


async def test_a_file_that_is_there_at_start_is_deployed_and_told(node: Node) -> None:
    node.write("poll.xml", task("poll"))
    node.write("hello.xml", sequence("hello"))
    await node.start()
    assert list(node.tasks.running) == ["poll"]
    assert "StartupTask named 'poll' has been deployed from file : carbonapps/poll.xml" in node.lines()
    assert "Sequence named 'hello' has been deployed from file : carbonapps/hello.xml" in node.lines()
    assert node.lines()[-1].startswith("Deployment cycle: +2 ~0 -0, faulty 0, ")


async def test_nothing_begins_to_work_before_it_is_activated(node: Node) -> None:
    node.write("all.xml", f"<definitions {NAMESPACE}>{sequence('hello')}{task('poll')}</definitions>")
    await node.deployment.start()
    assert node.has("entry", "hello")
    assert not node.tasks.history
    assert node.deployment.is_first_pass_done


async def test_an_unchanged_folder_costs_no_pass(node: Node) -> None:
    node.write("poll.xml", task("poll"))
    await node.start()
    passes = node.passes
    assert await node.look() == []
    assert node.passes == passes


async def test_a_deleted_file_is_undeployed(node: Node) -> None:
    path = node.write("poll.xml", task("poll"))
    await node.start()
    path.unlink()
    lines = await node.look()
    assert not node.tasks.running
    assert lines[0] == "StartupTask named 'poll' has been undeployed"
    assert lines[-1].startswith("Deployment cycle: +0 ~0 -1, faulty 0, ")
    assert not list(node.deployment.catalogue)


async def test_a_changed_task_replaces_the_old_one_without_being_removed(node: Node) -> None:
    node.write("poll.xml", task("poll", seconds=10))
    await node.start()
    node.write("poll.xml", task("poll", seconds=20), age=50)
    lines = await node.look()
    assert node.tasks.history == ["+poll", "+poll"]
    assert lines[0] == "StartupTask: poll has been updated from the file: carbonapps/poll.xml"
    assert lines[-1].startswith("Deployment cycle: +0 ~1 -0, faulty 0, ")


async def test_an_invalid_update_keeps_the_last_good_version(node: Node) -> None:
    node.write("hello.xml", sequence("hello", "<log/>"))
    await node.start()
    good = node.engine.graph.find("entry", "hello")
    node.write("hello.xml", sequence("hello", "\n<lgo/>"), age=50)
    lines = await node.look()
    assert node.engine.graph.find("entry", "hello") is good
    (fault,) = node.faults()
    assert fault.startswith("carbonapps/hello.xml:2: unknown mediator <lgo>")
    assert fault in lines
    (one,) = node.deployment.faulty
    assert one.state is State.ACTIVE
    assert await node.look() == []


async def test_a_mended_file_is_active_and_no_longer_faulty(node: Node) -> None:
    node.write("hello.xml", "<sequence>")
    await node.start()
    assert node.faults()
    node.write("hello.xml", sequence("hello"), age=50)
    await node.look()
    assert not node.faults()
    assert node.has("entry", "hello")


async def test_a_faulty_file_that_is_deleted_leaves_no_trace(node: Node) -> None:
    path = node.write("hello.xml", "<sequence/>")
    await node.start()
    path.unlink()
    await node.look()
    assert not node.deployment.faulty
    assert not list(node.deployment.catalogue)


async def test_a_renamed_file_changes_nothing_for_its_artifacts(node: Node) -> None:
    path = node.write("poll.xml", task("poll"))
    await node.start()
    path.rename(node.folder / "other.xml")
    lines = await node.look()
    assert node.tasks.history == ["+poll"]
    assert "[carbonapps/poll.xml] is now [carbonapps/other.xml]" in lines
    (node.folder / "other.xml").unlink()
    await node.look()
    assert node.tasks.history == ["+poll", "-poll"]


async def test_an_artifact_that_moves_to_another_file_is_updated_not_removed(node: Node) -> None:
    path = node.write("a.xml", task("poll", seconds=10))
    await node.start()
    path.unlink()
    node.write("b.xml", task("poll", seconds=20))
    await node.look()
    assert node.tasks.history == ["+poll", "+poll"]


async def test_a_duplicate_is_faulty_until_the_first_one_goes(node: Node) -> None:
    first = node.write("b.xml", sequence("hello"))
    await node.start()
    node.write("a.xml", "\n" + sequence("hello"))
    await node.look()
    assert node.faults() == ["carbonapps/a.xml:2: duplicate of carbonapps/b.xml (sequence 'hello')"]
    first.unlink()
    await node.look()
    assert not node.faults()
    assert node.has("entry", "hello")


async def test_an_api_whose_context_is_taken_harms_nobody_and_waits_for_it(node: Node) -> None:
    first = node.write("a.xml", api("a", "/orders"))
    node.write("b.xml", api("b", "/orders/"))
    node.write("c.xml", sequence("hello"))
    await node.start()
    assert node.faults() == ["carbonapps/b.xml:1: duplicate of carbonapps/a.xml (context '/orders')"]
    assert node.has("entry", "hello")
    first.unlink()
    await node.look()
    assert not node.faults()
    assert node.has("api", "b")


async def test_an_update_cannot_take_the_context_of_another_api(node: Node) -> None:
    node.write("a.xml", api("a", "/orders"))
    node.write("b.xml", api("b", "/stock"))
    await node.start()
    good = node.engine.graph.find("api", "b")
    node.write("b.xml", api("b", "/orders"), age=50)
    await node.look()
    assert node.faults() == ["carbonapps/b.xml:1: duplicate of carbonapps/a.xml (context '/orders')"]
    assert node.engine.graph.find("api", "b") is good


async def test_a_local_entry_cannot_have_the_name_of_a_sequence(node: Node) -> None:
    node.write("a.xml", sequence("hello"))
    node.write("b.xml", f'<localEntry {NAMESPACE} key="hello">text</localEntry>')
    await node.start()
    assert node.faults() == ["carbonapps/b.xml:1: duplicate of carbonapps/a.xml (localEntry 'hello')"]


async def test_two_artifacts_of_one_name_in_one_file_are_a_fault(node: Node) -> None:
    node.write("a.xml", f"<definitions {NAMESPACE}>\n{sequence('x')}\n{sequence('x')}</definitions>")
    await node.start()
    assert node.faults() == ["carbonapps/a.xml:3: sequence 'x' is a duplicate of carbonapps/a.xml:2"]


async def test_an_archive_appears_as_a_whole(node: Node) -> None:
    files = orders(hello=("synapse/sequence", sequence("hello")), poll=("synapse/task", task("poll")))
    await node.start()
    node.age(write_archive(node.folder / "orders.car", files))
    lines = await node.look()
    assert "Successfully Deployed Carbon Application : orders_1.0.0{super-tenant}" in lines
    assert node.has("entry", "hello")
    assert list(node.tasks.running) == ["poll"]


async def test_nothing_of_an_archive_with_one_broken_artifact_is_visible(node: Node) -> None:
    files = orders(hello=("synapse/sequence", sequence("hello")), poll=("synapse/task", "<task/>"))
    node.age(write_archive(node.folder / "orders.car", files))
    await node.start()
    assert not node.has("entry", "hello")
    assert (
        "Error occurred while deploying the Carbon application: carbonapps/orders.car. "
        "Reverting successfully deployed artifacts in the CApp."
    ) in node.lines()
    (fault,) = node.faults()
    assert fault.startswith("carbonapps/orders.car!poll_1.0.0/poll.xml:1")
    files["poll_1.0.0/poll.xml"] = task("poll")
    node.age(write_archive(node.folder / "orders.car", files), 50)
    await node.look()
    assert node.has("entry", "hello")
    assert list(node.tasks.running) == ["poll"]
    assert not node.faults()


async def test_an_exploded_directory_is_deployed_and_updated_as_a_whole(node: Node) -> None:
    files = orders(hello=("synapse/sequence", sequence("hello")))
    node.age(write_folder(node.folder / "orders", files))
    await node.start()
    assert node.has("entry", "hello")
    files = orders(hello=("synapse/sequence", sequence("renamed")))
    node.age(write_folder(node.folder / "orders", files), 50)
    await node.look()
    assert node.has("entry", "renamed")
    assert not node.has("entry", "hello")


async def test_a_second_archive_with_the_same_id_is_refused(node: Node) -> None:
    node.age(write_archive(node.folder / "a.car", orders(a=("synapse/sequence", sequence("a")))))
    node.age(write_archive(node.folder / "b.car", orders(b=("synapse/sequence", sequence("b")))))
    await node.start()
    (fault,) = node.faults()
    assert "'orders_1.0.0' already exists. Two applications can't have the same Id" in fault
    assert fault.startswith("carbonapps/b.car: ")


async def test_a_new_version_in_a_new_file_takes_over_when_the_old_file_goes(node: Node) -> None:
    old = node.age(
        write_archive(node.folder / "orders_1.car", orders(poll=("synapse/task", task("poll", 10))))
    )
    await node.start()
    old.unlink()
    files = application({"poll": ("synapse/task", task("poll", 20))}, version="2.0.0")
    node.age(write_archive(node.folder / "orders_2.car", files))
    await node.look()
    assert node.tasks.history == ["+poll", "+poll"]
    assert not node.faults()


async def test_at_start_a_loose_file_beats_an_application(node: Node) -> None:
    files = orders(hello=("synapse/sequence", sequence("hello")), poll=("synapse/task", task("poll")))
    node.age(write_archive(node.folder / "a.car", files))
    node.write("z.xml", sequence("hello", "<log/>"))
    await node.start()
    assert not node.faults()
    assert list(node.tasks.running) == ["poll"]
    found = node.engine.graph.find("entry", "hello")
    assert found is not None
    assert str(found.origin.source.path) == "carbonapps/z.xml"
    assert "sequence 'hello' already found in carbonapps/z.xml. Ignoring CAPP's artifact" in node.lines()


async def test_later_a_loose_file_does_not_beat_an_application(node: Node) -> None:
    node.age(write_archive(node.folder / "a.car", orders(hello=("synapse/sequence", sequence("hello")))))
    await node.start()
    node.write("0.xml", sequence("hello"))
    await node.look()
    assert node.faults() == ["carbonapps/0.xml:1: duplicate of carbonapps/a.car (sequence 'hello')"]


async def test_synapse_configs_come_before_loose_files(node: Node) -> None:
    node.write("a.xml", sequence("hello"))
    path = node.write(
        "../repository/deployment/server/synapse-configs/default/sequences/hello.xml", sequence("hello")
    )
    assert path.is_file()
    await node.start()
    (fault,) = node.faults()
    assert fault.startswith("carbonapps/a.xml:1: duplicate of repository/deployment/server/synapse-configs/")


DESCRIPTOR = "<descriptor><id>{id}</id><dependencies>{needs}</dependencies></descriptor>"
BASE = '<dependency groupId="g" artifactId="base" version="1"/>'


async def test_an_application_waits_for_the_one_it_needs(node: Node) -> None:
    files = orders(poll=("synapse/task", task("poll")))
    files["descriptor.xml"] = DESCRIPTOR.format(id="g__orders__1", needs=BASE)
    node.age(write_archive(node.folder / "a.car", files))
    await node.start()
    assert node.faults() == ["carbonapps/a.car: waiting: the application 'g__base__1' is not deployed"]
    base = application({"hello": ("synapse/sequence", sequence("hello"))}, name="base")
    base["descriptor.xml"] = DESCRIPTOR.format(id="g__base__1", needs="")
    node.age(write_archive(node.folder / "z.car", base))
    await node.look()
    assert not node.faults()
    assert list(node.tasks.running) == ["poll"]


async def test_a_missing_reference_is_one_warning_and_no_fault(node: Node) -> None:
    body = '\n<sequence key="elsewhere"/>'
    node.write("hello.xml", sequence("hello", body))
    await node.start()
    warnings = [line for line in node.lines() if "elsewhere" in line]
    assert warnings == ["carbonapps/hello.xml:2: sequence [elsewhere] is referred to but not deployed"]
    assert not node.faults()
    node.write("other.xml", sequence("other"))
    assert not [line for line in await node.look() if "elsewhere" in line]


async def test_a_reference_that_is_lost_later_is_told(node: Node) -> None:
    node.write("hello.xml", sequence("hello", '<sequence key="elsewhere"/>'))
    path = node.write("elsewhere.xml", sequence("elsewhere"))
    await node.start()
    path.unlink()
    assert [line for line in await node.look() if "[elsewhere] is referred to but not deployed" in line]


async def test_an_application_whose_task_cannot_begin_is_undone_completely(node: Node) -> None:
    node.tasks.impossible.add("second")
    files = orders(
        hello=("synapse/sequence", sequence("hello")),
        first=("synapse/task", task("first")),
        second=("synapse/task", task("second")),
    )
    node.age(write_archive(node.folder / "a.car", files))
    await node.start()
    assert not node.tasks.running
    assert not node.has("entry", "hello")
    (fault,) = node.faults()
    assert fault.endswith("cannot begin: no room for this task")
    assert not [line for line in node.lines() if "Successfully Deployed" in line]


async def test_an_update_that_cannot_begin_brings_the_old_version_back(node: Node) -> None:
    node.write("a.xml", task("old"))
    await node.start()
    former = node.tasks.running["old"].definition_hash
    node.tasks.impossible.add("new")
    definitions = f"<definitions {NAMESPACE}>{task('old', 7)}{task('new')}</definitions>"
    node.write("a.xml", definitions, age=50)
    await node.look()
    assert list(node.tasks.running) == ["old"]
    assert node.tasks.running["old"].definition_hash == former
    assert len(node.faults()) == 1


async def test_a_slowly_growing_file_is_never_faulty_and_deployed_once(node: Node) -> None:
    await node.start()
    content = task("poll")
    for end in range(5, len(content), 5):
        node.write("poll.xml", content[:end], age=0)
        node.clock.time += 0.9
        await node.look()
        assert not node.faults()
    node.write("poll.xml", content, age=0)
    node.clock.time += 1
    await node.look()
    node.clock.time += 5
    await node.look()
    assert node.tasks.history == ["+poll"]
    assert not node.faults()


async def test_a_vanished_folder_undeploys_nothing(node: Node) -> None:
    node.write("poll.xml", task("poll"))
    await node.start()
    node.folder.rename(node.root / "away")
    await node.look()
    assert list(node.tasks.running) == ["poll"]


async def test_an_archive_cut_short_is_pending_for_a_minute_then_faulty_then_mended(node: Node) -> None:
    await node.start()
    path = write_archive(node.folder / "a.car", orders(poll=("synapse/task", task("poll"))))
    whole = path.read_bytes()
    path.write_bytes(whole[:-40])
    await node.look()
    node.clock.time += 2
    lines = await node.look()
    assert not node.faults()
    assert "incomplete" in lines[0]
    node.clock.time += 60
    await node.look()
    (fault,) = node.faults()
    assert fault.startswith("carbonapps/a.car: incomplete: ")
    path.write_bytes(whole)
    node.age(path)
    await node.look()
    assert not node.faults()
    assert list(node.tasks.running) == ["poll"]


async def test_without_hot_deployment_young_and_incomplete_files_are_judged_at_once(tmp_path: Path) -> None:
    node = Node(tmp_path / "cold", hot_deployment=False)
    node.write("poll.xml", task("poll"), age=0)
    node.write("cut.car", b"PK", age=0)
    await node.start()
    assert list(node.tasks.running) == ["poll"]
    assert len(node.faults()) == 1
    await node.stop()


async def test_values_from_outside_are_filled_in(tmp_path: Path) -> None:
    node = Node(tmp_path / "home", environ={"PAUSE": "3600"})
    (node.root / "conf").mkdir()
    node.write("poll.xml", task("poll").replace("3600", "$SYSTEM:PAUSE"))
    node.write("missing.xml", task("missing").replace("3600", "$FILE:pause"))
    await node.start()
    assert list(node.tasks.running) == ["poll"]
    assert (
        "carbonapps/missing.xml:1: <trigger> '$FILE:pause': File property could not be found: pause"
        in node.faults()
    )
    await node.stop()


async def test_resources_of_an_application_come_and_go_with_it(node: Node) -> None:
    files = orders(config=("registry/resource", LIMITS))
    files["config_1.0.0/resources/limits.json"] = "{}"
    await node.start()
    path = node.age(write_archive(node.folder / "a.car", files))
    await node.look()
    stored = node.root / "registry" / "config" / "orders" / "limits.json"
    assert stored.read_text() == "{}"
    path.unlink()
    await node.look()
    assert not stored.exists()


async def test_a_resource_of_two_applications_stays_until_both_are_gone(node: Node) -> None:
    paths = []
    for name in ("a", "b"):
        files = application({"config": ("registry/resource", LIMITS)}, name=name)
        files["config_1.0.0/resources/limits.json"] = "{}"
        paths.append(node.age(write_archive(node.folder / f"{name}.car", files)))
    await node.start()
    stored = node.root / "registry" / "config" / "orders" / "limits.json"
    paths[0].unlink()
    await node.look()
    assert stored.exists()
    paths[1].unlink()
    await node.look()
    assert not stored.exists()


async def test_an_update_that_cannot_begin_brings_the_old_resources_back(node: Node) -> None:
    files = orders(config=("registry/resource", LIMITS))
    files["config_1.0.0/resources/limits.json"] = "old"
    node.age(write_archive(node.folder / "a.car", files))
    await node.start()
    node.tasks.impossible.add("poll")
    files = orders(config=("registry/resource", LIMITS), poll=("synapse/task", task("poll")))
    files["config_1.0.0/resources/limits.json"] = "new"
    node.age(write_archive(node.folder / "a.car", files), 50)
    await node.look()
    (fault,) = node.faults()
    assert fault.endswith("cannot begin: no room for this task")
    assert node.registry.read("conf:orders/limits.json") == b"old"


async def test_a_resource_that_cannot_be_written_brings_the_others_back(node: Node) -> None:
    files = orders(config=("registry/resource", LIMITS))
    files["config_1.0.0/resources/limits.json"] = "old"
    node.age(write_archive(node.folder / "a.car", files))
    await node.start()
    (node.root / "registry" / "config" / "taken").write_text("a file where a folder is needed")
    second = LIMITS.replace("limits.json", "other.json").replace("config/orders", "config/taken")
    files = orders(config=("registry/resource", LIMITS), second=("registry/resource", second))
    files["config_1.0.0/resources/limits.json"] = "new"
    files["second_1.0.0/resources/other.json"] = "{}"
    node.age(write_archive(node.folder / "a.car", files), 50)
    await node.look()
    (fault,) = node.faults()
    assert "conf:taken/other.json cannot be written" in fault
    assert node.registry.read("conf:orders/limits.json") == b"old"


async def test_a_resource_is_gone_for_readers_as_soon_as_its_application_is(node: Node) -> None:
    files = orders(config=("registry/resource", LIMITS))
    files["config_1.0.0/resources/limits.json"] = "{}"
    path = node.age(write_archive(node.folder / "a.car", files))
    await node.start()
    assert node.registry.read("conf:orders/limits.json") == b"{}"
    path.unlink()
    await node.look()
    assert node.registry.read("conf:orders/limits.json") is None


async def test_a_message_under_way_keeps_the_graph_it_began_with(node: Node) -> None:
    path = node.write("hello.xml", sequence("hello"))
    await node.start()
    graph = node.engine.graph
    path.unlink()
    await node.look()
    assert graph.find("entry", "hello") is not None
    assert node.engine.graph.find("entry", "hello") is None


async def test_a_thousand_files_are_deployed_in_one_pass_with_one_call_afterwards(node: Node) -> None:
    await node.start()
    passes = node.passes
    for number in range(1000):
        node.write(f"task-{number:04}.xml", task(f"task-{number:04}"))
    lines = await node.look()
    assert len(node.tasks.running) == 1000
    assert node.passes == passes + 1
    assert lines[-1].startswith("Deployment cycle: +1000 ~0 -0, faulty 0, ")


async def test_one_strange_file_does_not_keep_the_others_away(node: Node) -> None:
    node.write("good.xml", task("good"))
    node.write("strange.xml", b"\xff\xfe\x00\x00<\x00")
    node.write("strange.car", b"PK\x05\x06" + b"\xff" * 18)
    await node.start()
    assert list(node.tasks.running) == ["good"]
    assert len(node.faults()) == 2


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
async def test_a_file_that_may_not_be_read_is_faulty_until_it_may(node: Node) -> None:
    path = node.write("poll.xml", task("poll"))
    path.chmod(0)
    await node.start()
    assert node.faults() == ["carbonapps/poll.xml: cannot be read: Permission denied"]
    path.chmod(0o600)
    await node.look()
    assert list(node.tasks.running) == ["poll"]


async def test_what_is_no_plain_file_is_faulty_and_holds_nobody_up(node: Node) -> None:
    for name in ("pipe.car", "pipe.xml"):
        os.mkfifo(node.folder / name)
        node.age(node.folder / name)
    (node.folder / "zero.xml").symlink_to("/dev/zero")
    node.write("poll.xml", task("poll"))
    async with asyncio.timeout(20):
        await node.start()
    assert list(node.tasks.running) == ["poll"]
    assert node.faults() == [
        f"carbonapps/{name}: is no plain file but a pipe, a socket or a device"
        for name in ("pipe.car", "pipe.xml", "zero.xml")
    ]


async def test_user_files_are_never_changed(node: Node, tmp_path: Path) -> None:
    node.write("good.xml", task("good"))
    node.write("bad.xml", "<sequence")
    node.age(write_archive(node.folder / "a.car", orders(x=("synapse/sequence", sequence("x")))))
    shutil.copytree(node.folder, tmp_path / "before")
    await node.start()
    await node.look()
    before = {path.name: path.read_bytes() for path in (tmp_path / "before").iterdir()}
    assert {path.name: path.read_bytes() for path in node.folder.iterdir()} == before
