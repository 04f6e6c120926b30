"""Nodes for benchmarks: a home with few settings, and a real process that is ended whatever happens."""

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from harness import Node
from servers.server import Database

Settings = Mapping[str, Mapping[str, object]]
"""Section of deployment.toml → its keys."""

QUIET: Settings = {"logging": {"level": "ERROR", "files": False}}

_BASE: Settings = {
    "cluster_config": {
        "node_id": "node-1",
        "wire_port": 0,
        "endpoint": "127.0.0.1",
        "create_tables": True,
    },
    "mediation": {"internal_http_api_port": 0, "internal_http_api_bind_address": "127.0.0.1"},
}


@contextmanager
def running_node(database: Database, settings: Settings) -> Iterator[Node]:
    """A started node without artifacts on `database`; killed if it still runs when the block is left."""
    with tempfile.TemporaryDirectory(prefix="mi-bench-") as folder:
        root = Path(folder)
        (root / "conf").mkdir()
        (root / "carbonapps").mkdir()
        (root / "conf" / "deployment.toml").write_text(_configuration(database, settings))
        node = Node(root, 1)
        try:
            node.wait_started()
            yield node
        finally:
            if node.process.poll() is None:
                node.kill()


def deploy(node: Node, name: str, xml: str) -> None:
    """Put a file into the node's carbonapps, whole."""
    fresh = node.root / name
    fresh.write_text(xml)
    fresh.replace(node.root / "carbonapps" / name)


def _configuration(database: Database, settings: Settings) -> str:
    datasource = {
        "id": "WSO2_COORDINATION_DB",
        "url": database.url,
        "username": database.username,
        "password": database.password,
    }
    parts = [_section(f"[{name}]", keys) for name, keys in {**_BASE, **settings}.items()]
    return "\n".join([*parts, _section("[[datasource]]", datasource)])


def _section(head: str, keys: Mapping[str, object]) -> str:
    # what JSON writes for texts, numbers and truth values is what TOML reads
    return "\n".join([head, *(f"{name} = {json.dumps(value)}" for name, value in keys.items()), ""])
