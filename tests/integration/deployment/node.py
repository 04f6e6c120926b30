"""A home with a deployment and an engine, but without a server around them; time is moved by hand."""

import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from micro_integrator.config import Home, ServerSettings, Settings
from micro_integrator.deployment import Deployment
from micro_integrator.observability import recorded_lines
from micro_integrator.registry import Registry
from micro_integrator.synapse import Engine, Surroundings
from micro_integrator.tasks import Task


class Tasks:
    """Remembers the tasks in force and what was done to them; refuses to run those in `impossible`."""

    def __init__(self) -> None:
        self.running: dict[str, Task] = {}
        self.history: list[str] = []
        self.impossible: set[str] = set()

    def add(self, task: Task) -> None:
        if task.name in self.impossible:
            raise RuntimeError("no room for this task")
        self.history.append(f"+{task.name}")
        self.running[task.name] = task

    def remove(self, name: str) -> None:
        self.history.append(f"-{name}")
        self.running.pop(name, None)


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.time = 1000.0

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nobody waits {seconds} s in these tests")


class Node:
    """One home; files are written with an age, so that they count as settled."""

    def __init__(self, root: Path, *, environ: Mapping[str, str] | None = None, **server: object) -> None:
        self.root, self.folder = root, root / "carbonapps"
        self.folder.mkdir(parents=True)
        (root / "registry").mkdir()
        self._stack = ExitStack()
        self._lines = self._stack.enter_context(recorded_lines())
        self.tasks, self.clock, self.passes = Tasks(), HandClock(), 0
        self.registry = Registry(root / "registry")
        self.engine = Engine(Surroundings(registry=self.registry), tasks=self.tasks)
        settings = Settings(home=Home(root), server=ServerSettings(**server))  # type: ignore[arg-type]
        self.deployment = Deployment(
            settings,
            self.engine,
            self.registry,
            after_pass=self._count,
            environ=environ or {},
            clock=self.clock,
        )

    async def start(self) -> None:
        """Load and activate what is there, without the loop."""
        await self.deployment.start()
        await self.deployment.begin()

    async def stop(self) -> None:
        await self.deployment.stop()
        self._stack.close()

    def write(self, name: str, content: str | bytes, *, age: float = 100.0) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return self.age(path, age)

    def age(self, path: Path, age: float = 100.0) -> Path:
        """Let `path`, and all that is in it, look as if written `age` seconds ago."""
        for one in (*path.rglob("*"), path):
            moment = one.stat().st_mtime - age
            os.utime(one, (moment, moment))
        return path

    async def look(self) -> list[str]:
        """Run one pass; returns the lines it told."""
        told = len(self._lines.texts())
        await self.deployment.run_pass()
        return self._lines.texts()[told:]

    def lines(self) -> list[str]:
        return self._lines.texts()

    def faults(self) -> list[str]:
        return [str(problem) for problem in self.deployment.catalogue.problems()]

    def has(self, space: str, name: str) -> bool:
        return self.engine.graph.find(space, name) is not None

    async def _count(self) -> None:
        self.passes += 1
