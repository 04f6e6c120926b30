"""stop, status and start beside a node that runs: what is announced, who is signalled, what is left behind."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from integration.launcher.launched import Home, Node

Start = Callable[..., Node]


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """A process that has nothing to do with us."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as process:
        yield process
        process.kill()


def test_stop_waits_for_the_end_of_the_node(node: Start, home: Home) -> None:
    running = node()
    running.wait_started()
    done = home.launch("stop")
    assert (done.returncode, done.stdout) == (0, f"Stopped: process {running.process.pid}\n")
    assert running.exit_code() == 0
    assert home.launch("stop").returncode == 5


def test_a_node_that_does_not_end_is_reported_with_6_and_left_alive(node: Start, home: Home) -> None:
    running = node("never-drained")
    running.wait_started()
    done = home.launch("stop", "--timeout", "0.2")
    assert done.returncode == 6
    assert f"Process {running.process.pid} is still alive" in done.stderr
    assert running.process.poll() is None


def test_force_kills_when_the_time_is_over(node: Start, home: Home) -> None:
    running = node("never-drained")
    running.wait_started()
    assert home.launch("stop", "--timeout", "0.2", "--force").returncode == 0
    assert running.exit_code() == -signal.SIGKILL


def test_a_second_node_in_a_home_is_refused(node: Start, home: Home) -> None:
    first = node()
    first.wait_started()
    start = home.launch("start")
    assert (start.returncode, start.stderr) == (4, f"Already running: process {first.process.pid}\n")
    second = node("second")
    assert second.exit_code() == 1
    assert f"Already running: process {first.process.pid}" in second.printed()
    assert first.process.poll() is None
    assert home.announced() is not None


def test_a_killed_node_leaves_a_pid_file_that_stops_nobody(node: Start, home: Home) -> None:
    killed = node()
    killed.wait_started()
    killed.signal(signal.SIGKILL)
    killed.exit_code()
    assert home.pid_file.exists()
    assert home.launch("status").returncode == 5
    heir = node("heir")
    heir.wait_started()
    assert home.pid_file.read_text() == f"{heir.process.pid}\n"


def test_a_process_that_got_the_number_of_a_former_node_is_left_alone(
    node: Start, home: Home, bystander: subprocess.Popen[bytes]
) -> None:
    killed = node()
    killed.wait_started()
    killed.signal(signal.SIGKILL)
    killed.exit_code()
    meta = home.pid_file.with_name("wso2carbon.pid.meta")
    written = json.loads(meta.read_text())
    # both may have begun within one tick of the clock: the former node began earlier for certain
    written |= {"pid": bystander.pid, "start_ticks": written["start_ticks"] - 1000}
    meta.write_text(json.dumps(written))
    home.pid_file.write_text(f"{bystander.pid}\n")
    assert home.launch("stop", "--force", "--timeout", "0").returncode == 5
    assert bystander.poll() is None


def test_status_shows_what_the_node_announced(node: Start, home: Home) -> None:
    running = node()
    running.wait_started()
    done = home.launch("status")
    assert done.returncode == 1  # nobody answers for readiness
    shown = dict(
        line.split(maxsplit=1) for line in done.stdout.splitlines() if not line.startswith("node id")
    )
    assert shown["pid"] == str(running.process.pid)
    assert shown["state"] == "started"
    assert shown["ports"] == "internal_http 9201"
    assert "node id      node-1" in done.stdout


def test_the_pid_file_can_stand_elsewhere(node: Start, home: Home) -> None:
    elsewhere = home.root / "run" / "node.pid"
    elsewhere.parent.mkdir()
    running = node(MI_PID_FILE=str(elsewhere))
    running.wait_printed("started in")
    assert elsewhere.read_text() == f"{running.process.pid}\n"
    assert home.launch("stop", MI_PID_FILE=str(elsewhere)).returncode == 0


def test_a_place_for_the_pid_file_that_cannot_be_written_is_named(node: Start) -> None:
    failed = node(MI_PID_FILE="/proc/node.pid")
    assert failed.exit_code() == 1
    assert "The pid file [/proc/node.pid] cannot be written" in failed.printed()
    assert "MI_PID_FILE" in failed.printed()
    assert "Traceback" not in failed.printed()
