"""The script builds its own Python environment: when it must, once, and all of it or nothing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from integration.launcher.launched import CHECKOUT

NOBODY = 65534
PREPARING = "Preparing the Python environment (first start only) ..."


class Checkout:
    """A small checkout: the real scripts, and a package that needs nothing but prints where it runs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.tools = root.parent / "tools"
        self.tools.mkdir()
        shutil.copytree(CHECKOUT / "bin", root / "bin")
        package = root / "micro_integrator"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "__main__.py").write_text("import sys; print(sys.prefix)")
        self.need()

    @property
    def environment(self) -> Path:
        return self.root / ".venv"

    def need(self, *packages: str) -> None:
        self.root.joinpath("pyproject.toml").write_text(f"[project]\ndependencies = {list(packages)}\n")

    def tool(self, name: str, script: str) -> None:
        """Put a command in front of the system's."""
        file = self.tools / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)

    def begin(self) -> subprocess.Popen[str]:
        variables = {"PATH": f"{self.tools}:{os.environ['PATH']}", "HOME": str(self.root.parent)}
        return subprocess.Popen(
            [self.root / "bin" / "micro-integrator.sh"],
            env=variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def launch(self) -> tuple[int, str, str]:
        process = self.begin()
        output, errors = process.communicate(timeout=120)
        return process.returncode, output.strip(), errors.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    root = tmp_path / "a check out"
    root.mkdir()
    return Checkout(root)


def test_an_environment_is_built_once_and_again_when_it_is_stale(checkout: Checkout) -> None:
    place = str(checkout.environment)
    assert checkout.launch() == (0, place, PREPARING)
    assert checkout.launch() == (0, place, "")
    checkout.root.joinpath("pyproject.toml").write_text("[project]\ndependencies = []\n# changed\n")
    assert checkout.launch() == (0, place, PREPARING)
    assert {each.name for each in checkout.root.glob(".venv*")} == {".venv", ".venv.lock"}


def test_a_moved_checkout_and_its_tools_still_work(checkout: Checkout) -> None:
    checkout.launch()
    pip = checkout.environment / "bin" / "pip"
    assert str(checkout.environment) in subprocess.check_output([pip, "--version"], text=True)
    checkout.root = checkout.root.rename(checkout.root.with_name("moved"))
    assert checkout.launch() == (0, str(checkout.environment), "")


def test_two_starts_at_once_build_one_environment(checkout: Checkout) -> None:
    both = [checkout.begin(), checkout.begin()]
    errors = [process.communicate(timeout=120)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert "".join(errors).count(PREPARING) == 1


def test_a_failed_build_shows_why_and_leaves_nothing(checkout: Checkout) -> None:
    checkout.need("./missing.whl")
    code, _, errors = checkout.launch()
    assert code == 1
    assert "missing.whl" in errors
    assert f"all messages: {checkout.environment}.lock/log" in errors
    assert [each.name for each in checkout.root.glob(".venv*")] == [".venv.lock"]


def test_a_python_that_is_too_old_is_named(checkout: Checkout) -> None:
    for name in ("python3", "python3.14", "python3.13", "python3.12", "python3.11"):
        checkout.tool(name, 'if [ "$1" = --version ]; then echo Python 3.9.2; else exit 1; fi')
    code, _, errors = checkout.launch()
    assert code == 1
    assert "Python 3.11 or newer is needed, and there is Python 3.9.2." in errors
    assert "apt-get install -y python3 python3-venv" in errors


def test_a_missing_venv_module_is_named_with_the_command_that_installs_it(checkout: Checkout) -> None:
    _without_venv_module(checkout)
    checkout.tool("id", "echo 1000")
    code, _, errors = checkout.launch()
    assert code == 1
    assert f"As root: apt-get install -y python3.{sys.version_info.minor}-venv" in errors


def test_root_installs_a_missing_venv_module(checkout: Checkout) -> None:
    _without_venv_module(checkout)
    checkout.tool("id", "echo 0")
    asked = checkout.tools / "asked"
    checkout.tool("apt-get", f'echo "$@" >>"{asked}"; [ "$1" = update ] || {{ echo no space; exit 100; }}')
    code, _, errors = checkout.launch()
    package = f"python3.{sys.version_info.minor}-venv"
    assert asked.read_text() == f"update\ninstall -y --no-install-recommends {package}\n"
    assert code == 1
    assert "no space" in errors


@pytest.mark.skipif(os.getuid() != 0, reason="only root can make a checkout that its user cannot write")
def test_a_checkout_of_somebody_else_is_used_with_an_environment_in_the_cache() -> None:
    # not below pytest's folder: that one is closed to everybody else
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        root, home = Path(folder, "a check out"), Path(folder, "user")
        for each in (root, home):
            each.mkdir()
        Checkout(root).environment.mkdir()
        (root / ".venv" / "stamp").write_text("of an earlier version\n")
        os.chown(home, NOBODY, NOBODY)
        done = subprocess.run(
            ["setpriv", f"--reuid={NOBODY}", "--clear-groups", root / "bin" / "micro-integrator.sh"],
            env={"PATH": os.environ["PATH"], "HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"{home}/.cache/micro-integrator/")


def test_the_packages_a_node_needs_can_be_installed_together(tmp_path: Path) -> None:
    variables = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "MI_VENV": str(tmp_path / "venv")}
    done = subprocess.run(
        [CHECKOUT / "bin" / "micro-integrator.sh", "--version"],
        env=variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr.strip()) == (0, PREPARING)
    subprocess.run(
        [tmp_path / "venv" / "bin" / "python", "-m", "pip", "check"], check=True, capture_output=True
    )


def _without_venv_module(checkout: Checkout) -> None:
    base = getattr(sys, "_base_executable", sys.executable)
    checkout.tool("python3", f'case "$*" in *ensurepip*) exit 1 ;; esac\nexec "{base}" "$@"')
