"""A real node that serves HTTP on free ports of loopback, with the artifacts of a test."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from harness import Home, Node, wait_until
from harness.home import Settings

NOBODY = "http://127.0.0.1:1"
"""Where the tasks of the home would report; it has none."""
LOOPBACK = "127.0.0.1"

PORTS: Settings = {"transport.http.listener": {"enable": True, "port": 0, "bind_address": LOOPBACK}}
SECURED: Settings = {
    "transport.http.listener": {"secured_enable": True, "secured_port": 0, "secured_bind_address": LOOPBACK}
}
"""Settings of a node that serves HTTPS too."""


class ServingNode:
    """A home and the life of its node that serves at present."""

    def __init__(self, home: Home, node: Node) -> None:
        self.home, self.node = home, node
        self.ports = _ports_of(node)

    @property
    def port(self) -> int:
        """Where it listens for HTTP."""
        return self.ports["http"]

    def deploy(self, name: str, xml: str) -> None:
        """Put an artifact in place, and return when it is in force."""
        told = len(self._told(name))
        self.home.deploy(name, xml)
        wait_until(
            lambda: len(self._told(name)) > told, lambda: f"{name} in force:\n{_readable(self.node.log())}"
        )

    def wait_logged_after(self, known: int, *texts: str) -> str:
        """Return the first line with all `texts` behind the first `known` characters of the log."""

        def found() -> list[str]:
            later = self.node.log()[known:].splitlines()
            return [line for line in later if all(text in line for text in texts)]

        wait_until(found, lambda: f"{texts} in the log:\n{_readable(self.node.log()[known:])}")
        return found()[0]

    def _told(self, name: str) -> list[str]:
        # the line of a first deployment and that of a later one end with the file
        return [line for line in self.node.lines("Deployer} - ") if line.rstrip().endswith(f"/{name}.xml")]


@contextmanager
def serving(
    root: Path,
    artifacts: Mapping[str, str],
    settings: Settings | None = None,
    files: Mapping[str, bytes] | None = None,
) -> Iterator[ServingNode]:
    """Start a node on `artifacts` (name → XML) and `files` (path in the home → content); kill it at the end."""
    home = make_home(root, artifacts, settings)
    for place, content in (files or {}).items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_bytes(content)
    try:
        yield ServingNode(home, home.start())
    finally:
        for node in home.lives:
            node.kill()
        print(_readable(home.log()))  # pytest shows it when a test failed


def make_home(root: Path, artifacts: Mapping[str, str], settings: Settings | None = None) -> Home:
    """Return a home whose nodes will serve; `settings` are beside those of the ports, or win over them."""
    merged = {section: dict(keys) for section, keys in PORTS.items()}
    for section, keys in (settings or {}).items():
        merged.setdefault(section, {}).update(keys)
    home = Home(root, None, None, NOBODY, merged)
    for name, xml in artifacts.items():
        home.deploy(name, xml)
    return home


def _ports_of(node: Node) -> Mapping[str, int]:
    said = node.announced()
    assert said is not None, node.log()
    return said.ports


def _readable(log: str) -> str:
    """Return a log without the dumps that were asked for to count background work."""
    return "\n".join(line for line in log.splitlines() if "{Dump}" not in line)
