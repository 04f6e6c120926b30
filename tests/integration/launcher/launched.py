"""Homes, the launcher script, and nodes that are real processes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from harness.waiting import LIMIT, wait_until

from micro_integrator.server import Announcement, read_announcement

CHECKOUT = Path(__file__).resolve().parents[3]
SCRIPT = CHECKOUT / "bin" / "micro-integrator.sh"
STAND_IN = Path(__file__).with_name("stand_in")
"""A folder for PYTHONPATH: nodes get an empty server then, and everything around it is real."""


class Home:
    """A home in a folder with blanks in its name, and the launcher called for it."""

    def __init__(self, root: Path) -> None:
        self.root, self.script = root, SCRIPT
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MI_", "CARBON_", "JAVA_"))
        } | {"MI_HOME": str(root), "MI_PYTHON": sys.executable, "PYTHONPATH": str(STAND_IN)}
        self.configure("")

    @property
    def pid_file(self) -> Path:
        return self.root / "wso2carbon.pid"

    def configure(self, toml: str) -> None:
        conf = self.root / "conf"
        conf.mkdir(parents=True, exist_ok=True)
        (conf / "deployment.toml").write_text('[cluster_config]\nnode_id = "node-1"\n' + toml)

    def begin(self, *words: str, **environment: str) -> subprocess.Popen[str]:
        """Call the launcher without waiting."""
        return subprocess.Popen(
            [self.script, *words],
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def launch(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Call the launcher and wait for its end."""
        process = self.begin(*words, **environment)
        output, errors = process.communicate(timeout=60)
        return subprocess.CompletedProcess(words, process.returncode, output, errors)

    def announced(self) -> Announcement | None:
        return read_announcement(self.pid_file)


class Node:
    """A node in the foreground whose server is a stand-in; `trick` says how it misbehaves."""

    def __init__(self, home: Home, trick: str, environment: dict[str, str]) -> None:
        self.home = home
        self.output = home.root / f"output-{trick}.txt"
        with self.output.open("wb") as output:
            # the script becomes the node: the process started here is the one that is announced
            self.process = subprocess.Popen(
                [SCRIPT, "run"],
                env=home.environment | {"TRICK": trick} | environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_started(self) -> None:
        wait_until(lambda: self._says("started"), "the announcement 'started'")

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def wait_printed(self, text: str) -> None:
        wait_until(lambda: text in self.printed(), f"{text!r} in the output")

    def printed(self) -> str:
        return self.output.read_text()

    def exit_code(self) -> int:
        return self.process.wait(LIMIT)

    def _says(self, state: str) -> bool:
        assert self.process.poll() is None, self.printed()
        said = self.home.announced()
        return said is not None and said.state == state
