"""Random faults that a seed repeats, with an account of what happened."""

import time

import pytest
from harness import Chaos, Group, Proxy, Server, task_xml, wait_until
from harness.strikes import KINDS, Strike, plan
from harness.victims import Victims

VICTIMS = {kind.victim: ["one", "two"] for kind in KINDS.values()}

BLOCKED = 2.5


def planned(seed: int) -> list[Strike]:
    return plan(seed, 600, VICTIMS, tuple(KINDS), window=3.0, every=1.0)


def test_a_seed_repeats_its_strikes_and_another_one_makes_others() -> None:
    assert planned(1) == planned(1) != planned(2)


def test_in_a_long_plan_every_kind_strikes_and_nobody_is_struck_twice_at_once() -> None:
    strikes = planned(3)
    assert {strike.kind for strike in strikes} == set(KINDS)
    over: dict[tuple[str, str], float] = {}
    for strike in strikes:
        assert over.get(strike.target, 0.0) <= strike.at
        over[strike.target] = strike.at + strike.lasts


def test_kinds_without_a_victim_are_left_out() -> None:
    strikes = plan(4, 60, {"proxy": ["node-1"]}, ("kill", "reset"), window=3.0, every=1.0)
    assert {strike.kind for strike in strikes} == {"reset"}


def test_a_blocked_main_loop_does_nothing_and_goes_on_afterwards(group: Group) -> None:
    home = group.home()
    home.deploy("beat", task_xml("beat", every=1))
    victims = Victims(group, {}, loops=True)
    home.start(f"-DSynapseServerName={home.name}")
    group.sink.wait_for(1, "beat")
    began = time.monotonic()
    undo = victims.hit(Strike(0.0, "block", home.name, BLOCKED, 0.5))
    wait_until(lambda: not (home.root / "block").exists(), "a blocked loop")
    group.sink.wait_for_more(3, "beat")
    assert undo is not None
    undo()
    assert group.sink.longest_silence("beat", began, time.monotonic()) >= BLOCKED - 0.1


def test_a_run_strikes_a_node_its_connections_and_its_server_and_tells_what_it_did(
    group: Group, proxy: Proxy, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    group.home(through=proxy).deploy("beat", task_xml("beat", every=1))
    group.homes[0].start()
    group.sink.wait_for(1, "beat")
    kinds = ("freeze", "kill", "reset", "delay", "stall", "session", "held reply")
    victims = Victims(group, {"node-1": proxy}, server=server)
    report = Chaos(victims, 2, kinds, every=0.5).run(8)
    group.sink.wait_for_more(2, "beat")
    assert group.sink.duplicates() == []
    assert report.faults.total() == len(report.strikes) >= 4
    assert report.faults.keys() <= set(kinds)
    assert report.executed["beat"] > 0
    assert proxy.faults.total() > 0
    assert str(report) in capsys.readouterr().out
