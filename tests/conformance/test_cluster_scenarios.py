"""Scenarios of the reference's own cluster tests, played by the corpus's runner on real nodes."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from multiprocessing.connection import Listener
from pathlib import Path
from typing import Any

import pytest
from conformance.corpus import ABSENT, USUAL
from harness import Group, Sink
from servers.server import Database

SUPPORTED = "mi.cluster/startup"
"""The others need message processors and inbound endpoints."""
HASTE = "0.1"
"""Factor for the waiting times of the reference, which waits for 30 s to see that nothing happens."""


class Driver:
    """Answers `cluster_driver.py` in a thread that lives as long as the nodes it starts."""

    def __init__(self, folder: Path, database: Database, sink: Sink) -> None:
        self.socket = str(folder / "driver")
        self._folder, self._database, self._sink = folder, database, sink
        self._group = Group(folder / "0", database, sink)
        self._rounds = 0
        self._listener = Listener(self.socket, "AF_UNIX")
        self._thread = threading.Thread(target=self._serve, name="cluster driver")

    def __enter__(self) -> "Driver":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._group.end()
        subprocess.run([*self.command, "end"], check=True, capture_output=True)
        self._thread.join()
        self._listener.close()

    @property
    def command(self) -> list[str]:
        """What the runner calls."""
        return [sys.executable, str(Path(__file__).with_name("cluster_driver.py")), self.socket]

    def _serve(self) -> None:
        while True:
            with self._listener.accept() as connection:
                words = connection.recv()
                try:
                    connection.send(self._carry_out(*words))
                except Exception as error:  # the runner shows it as the reason why the case failed
                    connection.send(repr(error))
                if words == ("end",):
                    return

    def _carry_out(self, verb: str, *words: str) -> dict[str, Any]:
        match verb:
            case "prepare":
                home = self._group.home(words[1], node_id=None)
                log = home.root / "repository" / "logs" / "wso2carbon.log"
                unused = {"base": "http://127.0.0.1:1", "management": "http://127.0.0.1:1"}
                return {**unused, "log": str(log), "carbonapps": str(home.root / "carbonapps")}
            case "start":
                self._home(words[0]).start()
            case "stop":
                self._home(words[0]).lives[-1].stop()
            case "task-row":
                return {"exists": self._group.row(words[0]) is not None}
            case "clean":
                self._group.end()
                self._rounds += 1
                self._group = Group(self._folder / str(self._rounds), self._database, self._sink)
            case _:  # the end
                pass
        return {}

    def _home(self, name: str) -> Any:
        return next(home for home in self._group.homes if home.name == name)


@pytest.fixture
def driver(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Iterator[Driver]:
    """A driver on an empty database."""
    with Sink() as sink, Driver(tmp_path_factory.mktemp("mi"), database, sink) as running:
        yield running


@pytest.mark.skipif(not USUAL.player.is_file(), reason=ABSENT)
def test_the_start_up_scenario_of_the_reference(driver: Driver, tmp_path: Path) -> None:
    done = subprocess.run(
        [
            *(sys.executable, str(USUAL.player), "--corpus", str(USUAL.root), "--set", "cluster"),
            *("--only", SUPPORTED, "--cluster-driver", " ".join(driver.command)),
            *("--sleep-factor", HASTE, "--work", str(tmp_path)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.endswith("1 passed, 0 failed\n"), done.stdout + done.stderr
