"""What is told of applications, those that work and those that do not, over real HTTPS."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from integration.management.managed import READER, Managed, managed
from unit.deployment.applications import application, sequence, task, write_archive, write_folder


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[Managed]:
    async with managed(tmp_path / "home") as opened:
        yield opened


async def test_applications_are_told_with_their_artifacts_and_faulty_ones_with_reasons(api: Managed) -> None:
    good = application({"order-seq": ("synapse/sequence", sequence("order-seq"))}, name="order-flows")
    write_archive(api.node.folder / "order-flows_1.0.0.car", good)
    bad = application({"broken": ("synapse/sequence", sequence("broken", "\n<switch/>"))}, name="bad")
    write_archive(api.node.folder / "bad_1.0.0.car", bad)
    api.node.write("loose.xml", task("poll"))
    api.node.age(api.node.folder)
    await api.node.start()
    told = (await api.get("/applications")).json()
    assert (told["totalCount"], told["activeCount"], told["faultyCount"]) == (3, 2, 1)
    assert told["activeList"] == [
        {
            "name": "default",
            "version": "file",
            "artifacts": [{"name": "poll", "type": "task"}],
            "files": ["carbonapps/loose.xml"],
            "warnings": [
                "carbonapps/loose.xml:1: interval 3600 is in seconds: the task runs every 1.0 hours"
            ],
        },
        {
            "name": "order-flows",
            "version": "1.0.0",
            "artifacts": [{"name": "order-seq", "type": "sequence"}],
            "files": ["carbonapps/order-flows_1.0.0.car"],
            "warnings": [],
        },
    ]
    (faulty,) = told["faultyList"]
    assert (faulty["name"], faulty["version"], faulty["artifacts"]) == ("bad", "1.0.0", [])
    assert faulty["file"] == "carbonapps/bad_1.0.0.car!broken_1.0.0/broken.xml"
    assert (faulty["artifact"], faulty["line"]) == ("broken", 2)
    assert "switch" in faulty["reason"]
    assert told["pendingList"] == []
    assert (await api.get("/applications?searchKey=order")).json()["totalCount"] == 1


async def test_an_update_that_failed_stands_in_both_lists(api: Managed) -> None:
    path = api.node.folder / "orders_1.0.0.car"
    write_archive(path, application({"s": ("synapse/sequence", sequence("s"))}))
    api.node.age(api.node.folder)
    await api.node.start()
    write_archive(path, application({"s": ("synapse/sequence", sequence("s", "<nonsense/>"))}))
    api.node.age(api.node.folder, 50)
    await api.node.look()
    told = (await api.get("/applications")).json()
    assert [row["name"] for row in told["activeList"]] == ["orders"]
    assert [row["name"] for row in told["faultyList"]] == ["orders"]


async def test_administrators_download_an_application_by_its_name(api: Managed) -> None:
    path = api.node.folder / "orders_1.0.0.car"
    write_archive(path, application({"s": ("synapse/sequence", sequence("s"))}))
    api.node.write("loose.xml", task("poll"))
    api.node.age(api.node.folder)
    await api.node.start()
    accept = {"Accept": "application/octet-stream"}
    for name in ("orders", "orders_1.0.0"):
        file = await api.get(f"/applications?carbonAppName={name}", headers=accept)
        assert file.status_code == 200
        assert file.content == path.read_bytes()
        assert file.headers["content-type"] == "application/octet-stream"
        assert 'filename="orders_1.0.0.car"' in file.headers["content-disposition"]
    told = (await api.get("/applications?carbonAppName=orders")).json()
    assert told["artifacts"] == [{"name": "s", "type": "sequence"}]
    assert (await api.get("/applications?carbonAppName=orders", READER, headers=accept)).status_code == 403
    assert (await api.get("/applications?carbonAppName=default", headers=accept)).status_code == 404
    for name in ("orders_1.0.0.car", "..%2Forders_1.0.0", "carbonapps/orders"):
        assert (await api.get(f"/applications?carbonAppName={name}", headers=accept)).status_code == 404


async def test_an_exploded_application_that_is_faulty_is_told_by_name_and_version(api: Managed) -> None:
    files = application({"s": ("synapse/sequence", sequence("s", "<nonsense/>"))}, name="orders")
    api.node.age(write_folder(api.node.folder / "orders_1.0.0", files))
    await api.node.start()
    (faulty,) = (await api.get("/applications")).json()["faultyList"]
    assert (faulty["name"], faulty["version"]) == ("orders", "1.0.0")
    told = await api.get("/applications?carbonAppName=orders")
    assert told.json() == faulty


async def test_a_file_whose_name_is_no_text_is_told_like_any_other(api: Managed) -> None:
    folder, good, bad = (os.fsdecode(name) for name in (b"\xc4pfel", b"good\xff.xml", b"bad\n\xff.xml"))
    api.node.write(f"{folder}/{good}", sequence("good"))
    api.node.write(f"{folder}/{bad}", "<sequence>no end")
    await api.node.start()
    told = (await api.get("/applications")).json()
    assert [one["name"] for one in told["activeList"]] == ["\\xc4pfel"]
    assert [(one["name"], one["file"]) for one in told["faultyList"]] == [
        ("bad\\n\\xff", "carbonapps/\\xc4pfel/bad\\n\\xff.xml")
    ]
    (listed,) = (await api.get("/sequences")).json()["list"]
    assert listed["file"] == "carbonapps/\\xc4pfel/good\\xff.xml"
