"""The servers of the tests leave nothing behind, even when the tests are killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from servers.server import remove_left_overs

TESTS = Path(__file__).parents[2]
STARTER = """
import sys, time
sys.path.insert(0, {tests!r})
from servers.{module} import {server} as Server
server = Server()
server.start()
print(server.pid, server.folder, flush=True)
time.sleep(600)
"""


@pytest.mark.parametrize(
    ("module", "server"),
    [("postgresql", "PostgreSQLServer"), ("mariadb", "MariaDBServer")],
    ids=["postgresql", "mariadb"],
)
def test_a_server_ends_when_its_tests_are_killed(
    module: str, server: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(module)  # skips where there is none
    code = STARTER.format(tests=str(TESTS), module=module, server=server)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pid, folder = starter.stdout.readline().split()
        assert is_running(int(pid))
        starter.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 20
    while is_running(int(pid)):
        assert time.monotonic() < deadline, f"server {pid} is still there"
        time.sleep(0.05)
    remove_left_overs()
    assert not Path(folder).exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user to give a server to")
def test_as_root_servers_run_as_an_unprivileged_user(request: pytest.FixtureRequest) -> None:
    for kind in ("postgresql", "mariadb"):
        server = request.getfixturevalue(kind)
        assert Path(f"/proc/{server.pid}").stat().st_uid != 0


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
