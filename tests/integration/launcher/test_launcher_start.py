"""start and restart: a node in the background, and what is known of it when the command returns."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import wait_until
from integration.launcher.launched import Home


@pytest.fixture(autouse=True)
def _nobody_stays(home: Home) -> Iterator[None]:
    """Kill what a test has left in the background."""
    yield
    if (node := home.announced()) is not None:
        os.kill(node.process.pid, signal.SIGKILL)


def console(home: Home) -> str:
    return home.root.joinpath("repository", "logs", "console.log").read_text()


def test_start_returns_when_the_node_has_started_and_stop_when_it_is_gone(home: Home) -> None:
    started = home.launch("start")
    assert started.returncode == 0, started.stderr
    node = home.announced()
    assert node is not None
    assert node.state == "started"
    assert started.stdout == f"Started: process {node.process.pid}\n"
    assert home.launch("stop").returncode == 0
    assert not node.process.is_alive()
    assert not home.pid_file.exists()


def test_what_a_start_prints_is_for_its_owner_only(home: Home) -> None:
    file = home.root / "repository/logs/console.log"
    file.parent.mkdir(parents=True)
    file.touch(0o644)
    home.launch("start")
    assert "started in" in console(home)
    assert file.stat().st_mode & 0o777 == 0o600


def test_the_node_leads_a_session_of_its_own(home: Home) -> None:
    home.launch("start")
    node = home.announced()
    assert node is not None
    assert os.getsid(node.process.pid) == node.process.pid


def test_a_node_that_dies_while_starting_is_shown_with_1(home: Home) -> None:
    failed = home.launch("start", TRICK="foreseen")
    assert failed.returncode == 1
    assert "The node ended with exit code 1" in failed.stderr
    assert "table LEADER_STATUS_TABLE is missing" in failed.stderr


def test_a_broken_configuration_is_shown_by_start(home: Home) -> None:
    home.configure('[server]\noffset = "ten"\n')
    failed = home.launch("start")
    assert failed.returncode == 1
    assert "conf/deployment.toml:4" in failed.stderr


def test_a_node_that_takes_too_long_is_left_starting_and_reported_with_1(home: Home) -> None:
    late = home.launch("start", "--wait", "1", TRICK="never-started")
    assert late.returncode == 1
    assert "is still starting after 1 s" in late.stderr
    wait_until(home.announced, "the node goes on starting")


def test_two_starts_at_once_give_one_node(home: Home) -> None:
    first, second = home.begin("start"), home.begin("start")
    for each in (first, second):
        each.communicate(timeout=60)
    assert {first.returncode, second.returncode} == {0, 4}


def test_what_is_printed_after_the_start_goes_to_the_log_files_only(home: Home) -> None:
    home.launch("start")
    assert home.launch("stop").returncode == 0
    assert "started in" in console(home)
    assert "Shutdown complete" not in console(home)
    assert "Shutdown complete" in home.root.joinpath("repository", "logs", "wso2carbon.log").read_text()


def test_without_log_files_everything_goes_to_the_console_file(home: Home) -> None:
    home.configure("[logging]\nfiles = false\n")
    home.launch("start")
    assert home.launch("stop").returncode == 0
    assert "Shutdown complete" in console(home)


def test_properties_and_env_file_reach_the_node_and_survive_a_restart(home: Home) -> None:
    file = home.root / "env"
    file.write_text("NODE_ID=node-7\n")
    home.launch("start", "-DportOffset=20", "-Da=first", "--env-file", str(file))
    before = home.announced()
    restarted = home.launch("restart", "-D", "a=second")
    assert restarted.returncode == 0, restarted.stderr
    after = home.announced()
    assert before is not None
    assert after is not None
    assert before.process.pid != after.process.pid
    assert not before.process.is_alive()
    assert "('a', 'second')" in console(home)
    assert "('portOffset', '20')" in console(home)
    arguments = Path(f"/proc/{after.process.pid}/cmdline").read_text().split("\0")
    assert f"--env-file={file}" in arguments
    assert after.node_id == "node-7"


def test_restart_without_a_node_starts_one(home: Home) -> None:
    assert home.launch("restart").returncode == 0
    assert home.announced() is not None


def test_restart_does_not_start_beside_a_node_that_does_not_end(home: Home) -> None:
    home.launch("start", TRICK="never-drained")
    stuck = home.launch("restart", "--timeout", "0.2")
    assert stuck.returncode == 6


def test_a_node_killed_in_the_background_can_be_started_again(home: Home) -> None:
    home.launch("start")
    node = home.announced()
    assert node is not None
    os.kill(node.process.pid, signal.SIGKILL)
    wait_until(lambda: not node.process.is_alive(), "the end of the node")
    assert home.launch("start").returncode == 0


def test_a_log_folder_that_cannot_be_written_is_named(home: Home) -> None:
    failed = home.launch("start", CARBON_LOGS="/proc/logs")
    assert failed.returncode == 1
    assert "Not started: /proc/logs" in failed.stderr
