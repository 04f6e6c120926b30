"""The home of one node: its configuration, its artifacts, and the lives it has had."""

import json
from collections.abc import Mapping
from pathlib import Path

from servers.server import Database

from harness.accounts import LifeLog
from harness.artifacts import SEQUENCE, to_sink
from harness.node import CHECKOUT, Node

Settings = Mapping[str, Mapping[str, object]]
"""Section of deployment.toml → its keys."""

QUICK: Settings = {
    "server": {"deployment_settle_time": 0, "deployment_update_interval": 0.1},
    "cluster_config": {
        "profile": "fast",
        "wire_port": 0,
        "endpoint": "127.0.0.1",
        "create_tables": True,
    },
    "mediation": {"internal_http_api_port": 0, "internal_http_api_bind_address": "127.0.0.1"},
    "transport.http.listener": {"enable": False, "secured_enable": False},
    "management_api": {"enable": False},
}
"""A lease of 3 s, hot deployment without waiting, and no port that anybody else could want."""

TABLES = {"internal_apis.users", "task_resolver"}
"""Sections of which TOML may have several; a test has one."""


class Home:
    """A folder with conf/ and carbonapps/. `database` None: a node that is alone."""

    def __init__(
        self,
        root: Path,
        node_id: str | None,
        database: Database | None,
        sink_url: str,
        settings: Settings | None = None,
    ) -> None:
        self.root, self.name = root, root.name
        self.checkout = CHECKOUT
        """Which copy of the product its nodes run."""
        self.lives: list[Node] = []
        (root / "conf").mkdir(parents=True)
        (root / "carbonapps").mkdir()
        self.configure(node_id, database, settings or {})
        self.deploy(SEQUENCE, to_sink(sink_url, self.name))

    def configure(self, node_id: str | None, database: Database | None, settings: Settings) -> None:
        """Write deployment.toml; `node_id` None: a random one at each start."""
        identity = {"cluster_config": {"node_id": node_id}} if node_id else {}
        merged: dict[str, dict[str, object]] = {}
        for layer in (QUICK, identity, settings):
            for section, keys in layer.items():
                merged.setdefault(section, {}).update(keys)
        text = "".join(
            _section(f"[[{name}]]" if name in TABLES else f"[{name}]", keys) for name, keys in merged.items()
        )
        if database is not None:
            text += _section("[[datasource]]", _datasource(database))
        (self.root / "conf" / "deployment.toml").write_text(text)

    # artifacts

    def deploy(self, name: str, xml: str) -> None:
        """Put an artifact in place, whole; a running node sees it within a moment."""
        fresh = self.root / f"{name}.new"
        fresh.write_text(xml)
        fresh.replace(self._artifact(name))

    def undeploy(self, name: str) -> None:
        """Take an artifact away."""
        self._artifact(name).unlink()

    def add_module(self, name: str, code: str) -> None:
        """Give the user's Python code in lib/ a module."""
        (self.root / "lib").mkdir(exist_ok=True)
        (self.root / "lib" / f"{name}.py").write_text(code)

    def _artifact(self, name: str) -> Path:
        return self.root / "carbonapps" / f"{name}.xml"

    # lives

    def begin(self, *words: str, **environment: str) -> Node:
        """Start a node without waiting for anything; `words` are options such as `-DSynapseServerName=S`."""
        node = Node(self.root, len(self.lives) + 1, words, environment, self.checkout)
        self.lives.append(node)
        return node

    def start(self, *words: str, **environment: str) -> Node:
        """Start a node and wait until it says that it has started."""
        node = self.begin(*words, **environment)
        node.wait_started()
        return node

    def log(self) -> str:
        """Everything that all lives have printed."""
        return "".join(node.log() for node in self.lives)

    def life_logs(self) -> list[LifeLog]:
        """The same, life by life."""
        return [node.life_log() for node in self.lives]


def _section(head: str, keys: Mapping[str, object]) -> str:
    # what JSON writes for texts, numbers and truth values is what TOML reads
    return "\n".join([head, *(f"{name} = {json.dumps(value)}" for name, value in keys.items()), "", ""])


def _datasource(database: Database) -> dict[str, object]:
    return {
        "id": "WSO2_COORDINATION_DB",
        "url": database.url,
        "username": database.username,
        "password": database.password,
    }
