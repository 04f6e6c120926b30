"""Bodies that take long: what they cost others, and what becomes of them when the node ends."""

from pathlib import Path

from harness import Group, task_xml, wait_until

FEW = 4
"""Threads that bodies may use at a time; far fewer than the slow ones would like."""

SLEEPER = """
import time

class Sleeper:
    seconds = 1.0

    def execute(self):
        time.sleep(self.seconds)
"""

COLLECTOR = """
import atexit
import pathlib

class Collector:
    file = ""

    def execute(self):
        atexit.register(pathlib.Path(self.file).write_text, "collected")
"""


def test_slow_bodies_leave_other_tasks_on_time(group: Group) -> None:
    home, sink = group.home(settings={"mediation.synapse": {"max_threads": FEW}}), group.sink
    home.add_module("sleeper", SLEEPER)
    for number in range(2 * FEW):
        name = f"sleepy-{number}"
        home.deploy(name, task_xml(name, every=1, task_class="sleeper:Sleeper", seconds=30))
    home.deploy("held", task_xml("held", every=1))
    home.deploy("beat", task_xml("beat", every=1))
    sink.hold("held")
    node = home.start()
    sink.wait_for(6, "beat")
    beats = sink.of("beat")
    assert sink.gaps("beat") == [], node.log()
    assert beats[-1].at - beats[0].at < 8, "five intervals, on a busy machine"
    assert sink.of("held"), "it was under way all the time"
    node.kill()


def test_a_stop_lets_running_bodies_end_and_notes_that_they_did(group: Group) -> None:
    home, sink = group.home(), group.sink
    home.deploy("held", task_xml("held", every=60))
    sink.hold("held")
    node = home.start()
    sink.wait_for(1, "held")
    node.process.terminate()
    node.wait_logged("Gracefully shutting down")
    group.wait_for_row("held", lambda row: row.last_state == "CLAIMED")
    assert node.process.poll() is None
    sink.release("held")
    assert node.wait() == 0
    row = group.row("held")
    assert row is not None
    assert (row.last_state, row.owner) == ("DONE", None)


def test_a_body_that_outlasts_the_drain_time_is_cancelled_and_named(group: Group) -> None:
    home, sink = group.home(settings={"task_handling": {"drain_timeout": 1}}), group.sink
    home.deploy("held", task_xml("held", every=60))
    sink.hold("held")
    node = home.start()
    sink.wait_for(1, "held")
    assert node.stop() == 1
    assert node.lines(" ERROR ", "Cancelled after 1", "[held]")
    row = group.row("held")
    assert row is not None
    assert (row.last_state, row.owner) == ("FAILED", None)


def test_a_body_cut_short_by_a_kill_is_named_by_the_next_life_and_not_repeated(group: Group) -> None:
    home, sink = group.home(), group.sink
    home.deploy("held", task_xml("held", every=60))
    sink.hold("held")
    node = home.start()
    sink.wait_for(1, "held")
    # the ends of other bodies are written meanwhile: this one must not be among them
    home.deploy("quick", task_xml("quick", every=60))
    group.wait_for_row("quick", lambda row: row.last_state == "DONE")
    row = group.row("held")
    assert row is not None
    assert row.last_state == "CLAIMED", "the table says how a body ended that still runs"
    node.kill()
    again = home.start()
    again.wait_logged("Occurrence 0 of task [held] was claimed by [node-1]; not known to have finished")
    group.sink.wait_for(1, "quick")
    assert sink.keys("held") == [0]


def test_with_claim_retry_a_body_cut_short_is_run_again_and_says_so(group: Group) -> None:
    home, sink = group.home(), group.sink
    home.deploy("held", task_xml("held", every=1, fire_mode="claim_retry"))
    sink.hold("held")
    node = home.start()
    sink.wait_for(1, "held")
    node.kill()
    home.begin()
    sink.wait_for(2, "held")
    sink.release("held")
    first, second, third = sink.wait_for(3, "held")[:3]
    assert (first.key, first.redelivered) == (0, False)
    assert (second.key, second.redelivered) == (0, True)
    assert third.redelivered is False
    assert third.key is not None
    assert third.key > 0
    assert second.fence > first.fence
    wait_until(lambda: not group.unaccounted("held"), "an account of the missing keys")


def test_exit_functions_of_users_classes_run_at_the_end_and_nothing_of_the_log_is_lost(
    group: Group, tmp_path: Path
) -> None:
    home, kept = group.home(), tmp_path / "kept"
    home.add_module("collector", COLLECTOR)
    home.deploy("collect", task_xml("collect", once=True, task_class="collector:Collector", file=str(kept)))
    node = home.start()
    group.wait_for_row("collect", lambda row: row.state == "COMPLETED")
    assert node.stop() == 0
    assert kept.read_text() == "collected"
    assert "Shutdown complete" in node.log().splitlines()[-1]
