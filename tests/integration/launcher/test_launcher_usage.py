"""The launcher script itself: words, homes and exit codes that need no node."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from integration.launcher.launched import CHECKOUT, SCRIPT, Home

import micro_integrator


@pytest.mark.parametrize("word", ["--version", "version", "-version"])
def test_the_version_is_printed(home: Home, word: str) -> None:
    done = home.launch(word)
    assert (done.returncode, done.stdout) == (0, f"micro-integrator {micro_integrator.__version__}\n")


def test_the_version_file_names_this_version() -> None:
    assert (CHECKOUT / "bin" / "version.txt").read_text() == f"{micro_integrator.__version__}\n"


def test_help_lists_commands_and_exit_codes(home: Home) -> None:
    done = home.launch("--help")
    assert done.returncode == 0
    assert "start [--wait S]" in done.stdout
    assert "6 still alive" in done.stdout


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["strat"], "'strat' is not a command (did you mean 'start'?)"),
        (["start", "--wiat", "5"], "'--wiat' is not an option (did you mean '--wait'?)"),
        (["start", "--wait", "soon"], "--wait soon: expected a number of seconds"),
        (["run", "--force"], "--force belongs to stop and restart, not to run"),
        (["run", "now"], "'now' does not belong behind run"),
        (["check", "now"], "'now' does not belong behind check"),
        (["check", "--quick"], "'--quick' is not an option"),
        (["-D"], "'-D' lacks a name"),
        (["task"], "expected one of list, pause, activate, trigger, reset"),
        (["task", "pause"], "expected: task pause NAME"),
        (["task", "list", "orders"], "expected: task list"),
        (["cluster", "join"], "expected one of members"),
        (["--car", "orders"], "--car is not available yet"),
        (["--debug", "soon"], "--debug soon: expected a port"),
    ],
)
def test_a_wrong_word_ends_with_2_and_is_named(home: Home, words: list[str], reason: str) -> None:
    done = home.launch(*words)
    assert done.returncode == 2
    assert reason in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "words", [["status"], ["stop"], ["--stop"], ["task", "list"], ["cluster", "members"]]
)
def test_without_a_node_the_exit_code_is_5(home: Home, words: list[str]) -> None:
    done = home.launch(*words)
    assert done.returncode == 5
    assert f"No node runs in {home.root}" in done.stdout + done.stderr


def test_a_missing_env_file_ends_with_3(home: Home) -> None:
    done = home.launch("status", "--env-file=/nowhere/env")
    assert done.returncode == 3
    assert done.stderr == "/nowhere/env: No such file or directory\n"


def test_a_broken_env_file_ends_with_3_and_names_the_line(home: Home) -> None:
    file = home.root / "env"
    file.write_text("A=1\nB='open\n")
    done = home.launch("status", f"--env-file={file}")
    assert done.returncode == 3
    assert f"{file}:2: " in done.stderr


def test_variables_of_an_env_file_reach_the_command(home: Home) -> None:
    file = home.root / "env"
    file.write_text(f"export MI_HOME='{home.root}/other'\n")
    assert f"No node runs in {home.root}/other" in home.launch("status", "--env-file", str(file)).stdout


def test_a_broken_configuration_ends_run_with_3_and_names_the_line(home: Home) -> None:
    home.configure('[server]\noffset = "ten"\n')
    done = home.launch("run")
    assert done.returncode == 3
    assert "conf/deployment.toml:4" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_home_that_does_not_exist_is_named(home: Home) -> None:
    done = home.launch("status", MI_HOME="/nowhere")
    assert done.returncode == 1
    assert "'/nowhere'" in done.stderr


def test_carbon_home_means_the_same_as_mi_home(home: Home) -> None:
    del home.environment["MI_HOME"]
    assert f"No node runs in {home.root}" in home.launch("status", CARBON_HOME=str(home.root)).stdout


def test_a_relative_home_counts_from_the_current_folder(home: Home) -> None:
    done = subprocess.run(
        [SCRIPT, "status"],
        cwd=home.root.parent,
        env=home.environment | {"MI_HOME": home.root.name},
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"No node runs in {home.root}" in done.stdout


def test_the_script_is_found_through_a_link_from_any_folder(home: Home, tmp_path: Path) -> None:
    link = tmp_path / "a link"
    link.symlink_to(SCRIPT)
    done = subprocess.run(
        [link, "--version"], cwd="/", env=home.environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.startswith("micro-integrator ")


def test_modules_in_the_current_folder_are_not_taken_for_ours(home: Home, tmp_path: Path) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('imported the wrong module')")
    done = subprocess.run(
        [SCRIPT, "status"], cwd=tmp_path, env=home.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 5


def test_a_reader_who_goes_away_is_no_stack_trace(home: Home) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [SCRIPT, "--help"],
        env=home.environment,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)
    assert done.stderr == ""


def test_debugging_without_debugpy_names_the_remedy(home: Home) -> None:
    done = home.launch("--debug", "5678", PYTHONPATH=str(_without_debugpy(home.root)))
    assert done.returncode == 1
    assert done.stderr == f"--debug needs debugpy: {sys.executable} -m pip install debugpy\n"


def _without_debugpy(root: Path) -> Path:
    """A folder that hides debugpy should it be installed where the tests run."""
    folder = root / "hiding"
    folder.mkdir()
    (folder / "debugpy.py").write_text("raise ImportError")
    return folder
