"""Stopping a node that is faster than whoever stops it."""

import subprocess
import sys
from pathlib import Path

import pytest

from micro_integrator.cli import launcher
from micro_integrator.cli.arguments import Arguments
from micro_integrator.server import Announcement, ProcessIdentity


@pytest.mark.parametrize("options", [{}, {"--force": "true", "--timeout": "0"}])
def test_a_node_that_ends_while_it_is_asked_to_counts_as_stopped(
    options: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        identity = ProcessIdentity.of(process.pid)
        assert identity is not None
        process.kill()
    ended = Announcement(identity, "started", "node-1", stop_timeout=1.0)
    monkeypatch.setattr(launcher, "read_announcement", lambda _: ended)
    assert launcher.stop(Arguments("stop", options=options), tmp_path) == 0
    assert capsys.readouterr().out == f"Stopped: process {process.pid}\n"
