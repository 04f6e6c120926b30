"""Homes that share one database and one sink."""

from pathlib import Path

from servers.server import Database

from harness.home import Home, Settings
from harness.sink import Sink


class Group:
    """Makes homes; `end` kills whatever still runs in them."""

    def __init__(self, folder: Path, database: Database | None, sink: Sink) -> None:
        self.sink, self.database = sink, database
        self.homes: list[Home] = []
        self._folder = folder

    def home(
        self, name: str = "node-1", *, node_id: str | None = "", settings: Settings | None = None
    ) -> Home:
        """Make a home; the node's id is its name unless `node_id` gives another, or None for a random one."""
        chosen = name if node_id == "" else node_id
        home = Home(self._folder / name, chosen, self.database, self.sink.url, settings)
        self.homes.append(home)
        return home

    def deploy(self, name: str, xml: str) -> None:
        """Put an artifact into every home."""
        for home in self.homes:
            home.deploy(name, xml)

    def log(self) -> str:
        """Everything that all nodes of all homes have printed."""
        return "".join(home.log() for home in self.homes)

    def end(self) -> None:
        """Kill what still runs, each by its own process id."""
        for home in self.homes:
            for node in home.lives:
                if node.process.poll() is None:
                    node.kill()
