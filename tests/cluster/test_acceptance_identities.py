"""Two live processes under one name (A11 of the acceptance)."""

import shlex
import subprocess
import sys
import time
from pathlib import Path

import pytest
from harness import Group, Home, on, task_xml, wait_until

pytestmark = on("postgresql", "mariadb", because="containers do not share an SQLite file")

OWN_PROCESSES = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"]
"""Runs a command as process 1 of a PID name space of its own."""
SAME_DRAWS = """
import random, uuid
draw, draws = uuid.uuid4, random.Random(11)
same = iter([uuid.UUID(int=draws.getrandbits(128), version=4) for _ in range(4)])
uuid.uuid4 = lambda: next(same, None) or draw()
"""
"""Lets every process draw the same boot ids at first, as the clones of a machine do."""
HELD = "Node id [node-1] is held by a live process"


def test_of_two_containers_with_one_host_name_and_node_id_the_second_coordinates_nothing(
    group: Group, tmp_path: Path
) -> None:
    python = _in_a_container(tmp_path)
    first, second = _homes(group)
    first.begin("-Dmi.host.id=one-host", MI_PYTHON=python)
    group.sink.wait_for(1, "beat")
    intruder = second.begin("-Dmi.host.id=one-host", MI_PYTHON=python)
    intruder.wait_logged(" ERROR ", HELD)
    until = time.monotonic() + 6
    wait_until(lambda: time.monotonic() > until, "two leases")
    group.sink.wait_for_more(1, "beat")
    assert {arrival.node for arrival in group.sink.arrivals} == {"home-1"}
    assert group.sink.gaps("beat") == []
    assert "is dead" not in group.log()


def test_of_a_cloned_process_and_its_original_only_one_goes_on_and_no_key_runs_twice(
    group: Group, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(SAME_DRAWS)
    first, second = _homes(group)
    first.start(PYTHONPATH=str(tmp_path))
    group.sink.wait_for(1, "beat")
    second.begin(PYTHONPATH=str(tmp_path))
    wait_until(lambda: "runs twice with one boot id" in group.log(), lambda: f"a twin:\n{group.log()}")
    wait_until(lambda: HELD in group.log(), lambda: f"the refusal:\n{group.log()}")
    refused = next(home.name for home in (first, second) if HELD in home.log())
    [kept] = {first.name, second.name} - {refused}
    group.sink.wait_for_more(5, "beat")
    assert {arrival.node for arrival in group.sink.of("beat")[-3:]} == {kept}
    assert group.sink.duplicates() == []
    assert group.unaccounted("beat") == set(), group.log()


def _homes(group: Group) -> tuple[Home, Home]:
    homes = group.home("home-1", node_id="node-1"), group.home("home-2", node_id="node-1")
    group.deploy("beat", task_xml("beat", every=1))
    return homes


def _in_a_container(folder: Path) -> str:
    tried = subprocess.run([*OWN_PROCESSES, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"PID name spaces need more rights than these tests have: {tried.stderr.strip()}")
    script = folder / "python-in-a-container"
    script.write_text(f'#!/bin/sh\nexec {shlex.join([*OWN_PROCESSES, sys.executable])} "$@"\n')
    script.chmod(0o755)
    return str(script)
