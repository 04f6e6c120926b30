"""A deployment folder, a watcher on it, and a clock moved by hand."""

import os
from pathlib import Path

from micro_integrator.deployment.watcher import Changes, Folder, Watcher


class Desk:
    """A deployment folder, a watcher on it, and a clock moved by hand."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.time = folder, 1_000_000.0
        folder.mkdir()
        self.watcher = Watcher(
            [Folder(str(folder))], settle=1.0, now=lambda: self.time, wall=lambda: self.time
        )

    def write(self, name: str, content: str | bytes = "<sequence/>", *, age: float = 0.0) -> Path:
        """Write a file that was last modified `age` seconds ago."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        self.touch(path, age=age)
        return path

    def touch(self, path: Path, *, age: float = 0.0) -> None:
        moment = int((self.time - age) * 1e9)
        os.utime(path, ns=(moment, moment))

    def look(self, *, after: float = 0.0, accept: bool = True) -> Changes:
        self.time += after
        changes = self.watcher.look()
        for candidate in (*changes.candidates, *(candidate for _, candidate in changes.renamed)):
            if accept:
                self.watcher.accept(candidate)
        return changes

    def names(self, changes: Changes) -> list[str]:
        return [str(Path(candidate.path).relative_to(self.folder)) for candidate in changes.candidates]
