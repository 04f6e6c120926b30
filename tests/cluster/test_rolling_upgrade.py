"""Two releases whose tables differ in the minor version, in one group."""

import shutil
from pathlib import Path

import pytest
from harness import Group, task_xml
from harness.node import CHECKOUT

from micro_integrator.cluster.tables import SCHEMA_MAJOR, SCHEMA_MINOR

NUMBERS = f"SCHEMA_MAJOR, SCHEMA_MINOR = {SCHEMA_MAJOR}, {SCHEMA_MINOR}\n"


@pytest.fixture(scope="session")
def next_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product as it would be after a small change of the tables."""
    copy = tmp_path_factory.mktemp("next")
    for place in ("micro_integrator", "bin"):
        shutil.copytree(CHECKOUT / place, copy / place, ignore=shutil.ignore_patterns("__pycache__"))
    tables = copy / "micro_integrator" / "cluster" / "tables.py"
    text = tables.read_text()
    assert text.count(NUMBERS) == 1
    newer = NUMBERS.replace(f"{SCHEMA_MINOR}\n", f"{SCHEMA_MINOR + 1}\n")
    tables.write_text(text.replace(NUMBERS, newer))
    return copy


@pytest.mark.parametrize("is_newer_first", [False, True], ids=["old-tables", "new-tables"])
def test_nodes_of_two_releases_share_a_group_and_hand_tasks_over_both_ways(
    group: Group, next_release: Path, is_newer_first: bool
) -> None:
    homes, sink = [group.home("node-1"), group.home("node-2")], group.sink
    homes[0 if is_newer_first else 1].checkout = next_release
    group.deploy("beat", task_xml("beat", every=1))
    nodes = [homes[0].start()]
    sink.wait_for(1, "beat")
    assert group.rows("SELECT MAJOR, MINOR FROM MI_SCHEMA_VERSION") == [
        (SCHEMA_MAJOR, SCHEMA_MINOR + is_newer_first)
    ]
    nodes.append(homes[1].start())
    nodes[1].wait_logged("Connected with node [node-1]")
    assert nodes[0].stop() == 0
    group.wait_for_row("beat", lambda row: row.owner == "node-2")
    sink.wait_for_more(2, "beat")
    nodes.append(homes[0].start())
    nodes[2].wait_logged("Connected with node [node-2]")
    assert nodes[1].stop() == 0
    group.wait_for_row("beat", lambda row: row.owner == "node-1")
    sink.wait_for_more(2, "beat")
    assert [tenure.node for tenure in sink.tenures("beat")] == ["node-1", "node-2", "node-1"]
    assert sink.duplicates() == []
    assert sink.gaps("beat") == []
    assert not any(" ERROR " in node.log() for node in nodes)
