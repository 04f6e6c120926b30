"""Two containers on one machine: same host, same kernel, but neither processes nor networks in common."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from harness import (
    CLEAN,
    DEFAULT_LEASE,
    Fleet,
    Front,
    Group,
    Home,
    Network,
    missing_rights,
    on,
    two_networks,
    wait_complete,
)
from harness.home import Settings

pytestmark = on("postgresql", because="the database does not know of name spaces")

SOON = 8.0
"""Seconds on a busy machine, and still less than a lease of 15 s; measured figures are in docs/measurements.md."""


@dataclass
class Containers:
    """Two nodes that see each other over a cable only; both reach the database and the sink from inside."""

    fleet: Fleet
    networks: dict[str, Network]


def test_the_death_of_a_container_is_seen_over_the_network_where_its_processes_are_not(
    group: Group, tmp_path: Path
) -> None:
    with _containers(group, tmp_path, DEFAULT_LEASE) as both:
        fleet, killed = both.fleet, both.fleet.owner()
        [survivor] = fleet.others(killed)
        marks = [json.loads(info) for (info,) in group.rows("SELECT INFO FROM MI_NODE_LEASE")]
        assert marks[0]["host"] == marks[1]["host"]
        assert marks[0]["pid_space"] != marks[1]["pid_space"]
        assert {endpoint.partition(":")[0] for endpoint in _endpoints(group)} == {"10.77.0.1", "10.77.0.2"}
        began = time.monotonic()
        killed.lives[-1].kill()
        fleet.wait_fired(fleet.tasks, since=began, by=[survivor], count=2)
        assert fleet.last_first_fire(fleet.tasks, since=began, by=[survivor]) - began < SOON
        assert survivor.lives[-1].lines(f"Member [{killed.name}] is dead (REFUSED)")
        assert "PROCESS_GONE" not in group.log()
        assert fleet.books() == CLEAN


def test_a_cable_that_is_cut_is_silence_and_the_lease_decides_about_a_container_that_dies_meanwhile(
    group: Group, tmp_path: Path
) -> None:
    with _containers(group, tmp_path, {}) as both:
        fleet, boots = both.fleet, both.fleet.boot_ids()
        cable = both.networks["node-1"]
        cable.cut()
        for home in fleet.homes:
            home.lives[-1].wait_logged("Wire is incomplete (missing")
        cable.mend()
        wait_complete(fleet)
        assert fleet.boot_ids() == boots
        assert "is dead" not in group.log()

        cable.cut()
        killed = fleet.owner()
        [survivor] = fleet.others(killed)
        killed.lives[-1].kill()
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), by=[survivor], count=2)
        assert survivor.lives[-1].lines(f"Member [{killed.name}] is dead (LEASE_EXPIRED)")
        assert fleet.books() == CLEAN


@contextmanager
def _containers(group: Group, folder: Path, settings: Settings) -> Iterator[Containers]:
    if reason := missing_rights():
        pytest.skip(f"name spaces need more rights than these tests have: {reason}")
    with two_networks() as networks, ExitStack() as house, Fleet(group, 2, is_wired=True) as fleet:
        both = Containers(fleet, dict(zip(("node-1", "node-2"), networks, strict=True)))
        for home in fleet.homes:
            network = both.networks[home.name]
            _move_in(home, network, fleet, settings, house)
            fleet.environments[home.name] = {"MI_PYTHON": network.python(folder / f"python of {home.name}")}
        fleet.deploy(3)
        for home in fleet.homes:
            fleet.begin(home)
        fleet.wait_fired(fleet.tasks)  # the tables are there then
        fleet.wait_active()
        wait_complete(fleet)
        yield both


def _move_in(home: Home, network: Network, fleet: Fleet, settings: Settings, house: ExitStack) -> None:
    """Let `home` reach the database at an address of its network, from which others reach it as well."""
    database, sink = fleet.proxies[home.name].port, int(fleet.sink.url.rpartition(":")[2])
    house.enter_context(Front([database], listening=network.listening(network.address, database)))
    house.enter_context(Front([sink], listening=network.listening("127.0.0.1", sink)))
    outside = fleet.proxied(home)
    home.configure(
        home.name, replace(outside, url=outside.url.replace("127.0.0.1", network.address)), settings
    )
    configuration = home.root / "conf" / "deployment.toml"
    configuration.write_text(configuration.read_text().replace('endpoint = "127.0.0.1"\n', ""))


def _endpoints(group: Group) -> list[str]:
    return [endpoint for (endpoint,) in group.rows("SELECT ENDPOINT FROM MI_NODE_LEASE")]
