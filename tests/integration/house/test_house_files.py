"""What surrounds the program: scripts, image, service and task runner keep their promises."""

import configparser
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[3]
TOOLS = Path(sys.executable).parent


def _tool(name: str) -> str:
    found = shutil.which(name, path=f"{TOOLS}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"{name} is not installed; bin/test.sh gets it")
    return found


def _read(name: str) -> str:
    return (CHECKOUT / name).read_text()


def test_the_dockerfile_follows_the_rules_of_hadolint() -> None:
    done = subprocess.run(
        [_tool("hadolint"), CHECKOUT / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_the_scripts_follow_the_rules_of_shellcheck() -> None:
    scripts = [*(CHECKOUT / "bin").glob("*.sh"), CHECKOUT / ".ci" / "run"]
    done = subprocess.run(
        [_tool("shellcheck"), "-x", *scripts], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("script", ["bin/micro-integrator.sh", "bin/test.sh", ".ci/run"])
def test_scripts_can_be_executed(script: str) -> None:
    assert os.access(CHECKOUT / script, os.X_OK)


def test_the_image_becomes_the_node_and_is_not_root() -> None:
    image = _read("Dockerfile")
    assert 'ENTRYPOINT ["/opt/mi/bin/micro-integrator.sh"]\nCMD ["run"]' in image
    assert "\nUSER 802\n" in image
    assert "\nSTOPSIGNAL SIGTERM\n" in image
    assert "MI__SERVER__HOT_DEPLOYMENT=false" in image
    assert "ln -s /opt/mi /home/wso2carbon/wso2mi" in image


def test_the_image_is_given_everything_it_copies_and_starts() -> None:
    given = {line.removeprefix("!") for line in _read(".dockerignore").splitlines() if line.startswith("!")}
    needed = {
        "bin/micro-integrator.sh",
        "bin/liveness.py",
        "conf",
        "carbonapps",
        "micro_integrator",
        "pyproject.toml",
    }
    assert needed <= given
    assert all((CHECKOUT / name).exists() for name in needed)


@pytest.mark.parametrize("meta", [None, "{}", '{"ports": {"internal_http": 1}}'])
def test_the_health_check_fails_without_a_node(tmp_path: Path, meta: str | None) -> None:
    if meta is not None:
        (tmp_path / "pid.meta").write_text(meta)
    done = subprocess.run(
        [sys.executable, "-I", CHECKOUT / "bin" / "liveness.py"],
        env={"MI_PID_FILE": str(tmp_path / "pid")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_the_service_waits_longer_than_a_node_may_take_to_stop() -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(CHECKOUT / "docs" / "systemd" / "micro-integrator.service")
    service = unit["Service"]
    assert service["Type"] == "exec"
    assert service["RestartForceExitStatus"] == "121"
    assert service["RestartPreventExitStatus"] == "2 3"
    assert int(service["TimeoutStopSec"]) > 60


def test_every_verb_of_the_task_runner_documents_itself() -> None:
    rules = re.findall(r"^([a-z-]+):(.*)$", _read("Makefile"), re.MULTILINE)
    assert {verb for verb, _ in rules} == {
        "help",
        "setup",
        "check",
        "test",
        "test-all",
        "cluster",
        "conformance",
        "docs",
        "run",
    }
    assert all("## " in rest for _, rest in rules)


def test_continuous_integration_runs_what_everybody_runs() -> None:
    assert 'exec "$(dirname -- "$0")/../bin/test.sh"' in _read(".ci/run")


def test_the_licence_is_whole() -> None:
    text = _read("LICENSE")
    assert "Version 2.0, January 2004" in text
    assert "END OF TERMS AND CONDITIONS" in text
