"""The command line finds a node where the node itself says it is."""

import os
from pathlib import Path

import pytest

from micro_integrator.cli.places import control_socket, home_of_this_call, pid_file
from micro_integrator.config import Home


@pytest.mark.parametrize(
    "environment",
    [{}, {"MI_PID_FILE": "/run/x.pid", "MI_SOCKET": "/run/x.sock"}, {"MI_PID_FILE": "run/x.pid"}],
)
def test_places_are_those_of_the_home(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name in ("MI_PID_FILE", "MI_SOCKET"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    home = Home(Path("/home"), os.environ)
    assert (pid_file(home.root), control_socket(home.root)) == (home.pid_file, home.socket)


def test_the_home_is_absolute_and_defaults_to_the_current_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MI_HOME", raising=False)
    monkeypatch.delenv("CARBON_HOME", raising=False)
    assert home_of_this_call() == tmp_path
    monkeypatch.setenv("CARBON_HOME", "carbon")
    assert home_of_this_call() == tmp_path / "carbon"
    monkeypatch.setenv("MI_HOME", "mi")
    assert home_of_this_call() == tmp_path / "mi"
