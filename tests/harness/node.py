"""A node that is a real process: started by the launcher as an operator would, ended in every way there is."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import micro_integrator
from harness.accounts import LifeLog
from harness.waiting import LIMIT, wait_until
from micro_integrator.server import Announcement, read_announcement

CHECKOUT = Path(micro_integrator.__file__).parents[1]
"""Where the package that is tested lies, whichever copy of it that is."""

_PROGRAM = ["setpriv", "--pdeathsig", "KILL"]
"""Lets a node die with the thread that started it: with the tests, whatever ends them."""
if os.geteuid() == 0:
    _PROGRAM += [
        "--bounding-set",
        "-dac_override,-dac_read_search",
    ]  # permissions of files count for root too


class Node:
    """One life of a node in the home `root`; what it prints goes to `console-<number>.txt` there."""

    def __init__(
        self,
        root: Path,
        number: int,
        words: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        checkout: Path = CHECKOUT,
    ) -> None:
        self.root = root
        self._launcher = checkout / "bin" / "micro-integrator.sh"
        self.console = root / f"console-{number}.txt"
        self._environment = {**_environment(root), **(environment or {})}
        with self.console.open("wb") as output:
            # the launcher becomes the node, so the signals sent here reach it
            self.process = subprocess.Popen(
                [*_PROGRAM, self._launcher, "run", *words],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    # what it says

    def log(self) -> str:
        """What it has printed so far."""
        return self.console.read_text(errors="replace")

    def life_log(self) -> LifeLog:
        """The same, and whether it was killed."""
        return LifeLog(self.log(), was_killed=self.process.poll() == -signal.SIGKILL)

    def lines(self, *texts: str) -> list[str]:
        """Return the printed lines that contain all `texts`."""
        return [line for line in self.log().splitlines() if all(text in line for text in texts)]

    def wait_logged(self, *texts: str, within: float = LIMIT) -> str:
        """Return the first line with all `texts` as soon as it is printed."""
        wait_until(lambda: self.lines(*texts), lambda: f"{texts} in the log:\n{self.log()}", within)
        return self.lines(*texts)[0]

    def wait_started(self) -> None:
        """Wait until it announces that it has started; fails when it ends instead."""
        wait_until(self._has_started, lambda: f"a started node; it says:\n{self.log()}")

    def _has_started(self) -> bool:
        assert self.process.poll() is None, f"ended with {self.process.returncode}:\n{self.log()}"
        said = self.announced()
        return said is not None and said.process.pid == self.process.pid and said.state == "started"

    def announced(self) -> Announcement | None:
        """What it tells other processes of this machine."""
        return read_announcement(self.root / "wso2carbon.pid")

    def probe(self, path: str) -> tuple[int, str]:
        """Ask the internal listener; returns status and text."""
        said = self.announced()
        assert said is not None, self.log()
        try:
            with urlopen(f"http://127.0.0.1:{said.ports['internal_http']}{path}", timeout=LIMIT) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()

    def control(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Call the launcher for this home, such as `task pause NAME`."""
        return subprocess.run(
            [self._launcher, *words],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=False,
        )

    # what is done to it

    def freeze(self) -> None:
        """SIGSTOP: it does not know that time passes."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL, no goodbye; returns when it is gone."""
        self.process.kill()
        self.process.wait(LIMIT)

    def stop(self) -> int:
        """SIGTERM; return the exit code."""
        self.process.terminate()
        return self.wait()

    def wait(self) -> int:
        """Return the exit code of a node that ends by itself."""
        try:
            return self.process.wait(LIMIT)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"does not end:\n{self.log()}") from error


def _environment(root: Path) -> dict[str, str]:
    inherited = {
        name: value for name, value in os.environ.items() if not name.startswith(("MI_", "CARBON_", "JAVA_"))
    }
    return inherited | {"MI_HOME": str(root), "MI_PYTHON": sys.executable}
