"""A newcomer's first minutes: the shipped configuration and sample, with nothing replaced by a stand-in."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import wait_until
from integration.launcher.launched import CHECKOUT, Home
from servers.ports import free_port

SHIPPED = ("bin", "carbonapps", "conf", "dbscripts", "micro_integrator", ".gitignore", "pyproject.toml")


class Copy(Home):
    """A fresh copy of the checkout, which is its own home."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        shutil.rmtree(root / "conf")
        for name in SHIPPED:
            source = CHECKOUT / name
            if source.is_dir():
                shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, root / name)
        self.script = root / "bin" / "micro-integrator.sh"
        for name in ("MI_HOME", "PYTHONPATH"):
            del self.environment[name]
        self.ports = f"-DportOffset={free_port() - 9191}"

    def log(self) -> str:
        return self.root.joinpath("repository", "logs", "wso2carbon.log").read_text()

    def git(self, *words: str) -> str:
        return subprocess.check_output(["git", "-C", self.root, *words], text=True)


@pytest.fixture
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Copy]:
    copied = Copy(tmp_path_factory.mktemp("a copy"))
    yield copied
    if (node := copied.announced()) is not None:
        os.kill(node.process.pid, signal.SIGKILL)


def test_a_fresh_home_starts_fires_its_sample_and_stops(copy: Copy) -> None:
    started = copy.launch("start", copy.ports)
    assert started.returncode == 0, started.stderr
    wait_until(lambda: "Hello from the sample task" in copy.log(), "the first line of the sample")
    for line in (
        "Successfully joined the cluster with id [node-1]",
        "Task scheduled: [ESB_TASK][sample-task].",
        "WSO2 Micro Integrator started in ",
    ):
        assert line in copy.log()
    assert copy.launch("status").returncode == 0
    assert "sample-task" in copy.launch("task", "list").stdout
    assert _liveness(copy) == 0
    stopped = copy.launch("stop")
    assert stopped.returncode == 0, stopped.stderr
    assert _liveness(copy) == 1
    assert not copy.pid_file.exists()
    assert not (copy.root / "micro-integrator.sock").exists()


def test_a_home_without_a_hot_folder_gets_an_empty_one(copy: Copy) -> None:
    shutil.rmtree(copy.root / "carbonapps")
    started = copy.launch("start", copy.ports)
    assert started.returncode == 0, started.stderr
    assert copy.launch("stop").returncode == 0
    assert list((copy.root / "carbonapps").iterdir()) == []
    assert "cannot be read" not in copy.log()


def test_running_a_node_leaves_the_checkout_clean(copy: Copy) -> None:
    copy.git("init", "--quiet")
    copy.git("add", "--all")
    assert copy.launch("start", copy.ports).returncode == 0
    assert copy.git("ls-files", "--others", "--exclude-standard") == ""
    assert copy.launch("stop").returncode == 0
    assert copy.git("ls-files", "--others", "--exclude-standard") == ""
    assert copy.git("diff", "--name-only") == ""


def test_a_task_is_paused_and_activated_from_the_command_line(copy: Copy) -> None:
    copy.launch("start", copy.ports)
    wait_until(lambda: "Hello from the sample task" in copy.log(), "the first line of the sample")
    assert copy.launch("task", "pause", "sample-task").returncode == 0
    assert "PAUSE" in copy.launch("task", "list").stdout
    assert copy.launch("task", "activate", "sample-task").returncode == 0
    unknown = copy.launch("task", "pause", "simple-task")
    assert unknown.returncode == 1
    assert "simple-task" in unknown.stderr


def test_a_taken_port_is_one_line_with_the_command_that_avoids_it(copy: Copy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        failed = copy.launch("run", f"-DportOffset={taken.getsockname()[1] - 9191}")
    assert failed.returncode == 1
    errors = [line for line in (failed.stdout + failed.stderr).splitlines() if "ERROR" in line]
    assert len(errors) == 1
    assert "bin/micro-integrator.sh run -DportOffset=" in errors[0]
    assert "Traceback" not in failed.stdout + failed.stderr


def _liveness(copy: Copy) -> int:
    script = copy.root / "bin" / "liveness.py"
    variables = {"MI_PID_FILE": str(copy.pid_file)}
    return subprocess.run([sys.executable, "-I", script], env=variables, check=False).returncode
