"""A node for HTTP cases: a real process with a home of its own, on free ports of the loopback address."""

import json
import socket
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from harness import Node

LOOPBACK = "127.0.0.1"
HOST = "localhost"
"""How the cases call it."""
ANSWER_LIMIT = 10.0
"""Seconds until a server that says nothing is taken for one that hangs."""
ADMIN = '[[internal_apis.users]]\nuser.name = "admin"\nuser.password = "admin"\n'
"""Who the cases log in as."""


@dataclass(frozen=True)
class Ports:
    """Where a node listens."""

    http: int
    https: int
    management: int
    internal: int


REFERENCE = Ports(8480, 8443, 9354, 9391)
"""Where the servers of the original tests listened; some cases find these numbers in a log or in a header."""


@dataclass(frozen=True)
class Server:
    """A running node."""

    root: Path
    ports: Ports

    @property
    def carbonapps(self) -> Path:
        """The folder that applications are put into."""
        return self.root / "carbonapps"

    @property
    def log(self) -> Path:
        """The file it writes its log to."""
        return self.root / "repository" / "logs" / "wso2carbon.log"

    def answers(self) -> bool:
        """Return whether it is still there for anybody."""
        try:
            with urlopen(f"http://{LOOPBACK}:{self.ports.internal}/liveness", timeout=ANSWER_LIMIT):
                return True
        except HTTPError as refusal:
            refusal.close()
            return True
        except OSError:
            return False

    @property
    def work(self) -> Path:
        """A folder for files that artifacts read: they may read what lies in the registry."""
        return self.root / "registry" / "work"


@contextmanager
def serving(root: Path, settings: Mapping[str, object], properties: Mapping[str, str]) -> Iterator[Server]:
    """Start a node in the empty folder `root`, and stop it at the end.

    `settings` are keys of deployment.toml by their dotted names, `properties` the lines of file.properties.
    """
    server = Server(root, _ports())
    for folder in (root / "conf", server.carbonapps, server.work):
        folder.mkdir(parents=True)
    (root / "conf" / "deployment.toml").write_text(_toml({**settings, **_own(server.ports)}) + ADMIN)
    (root / "conf" / "file.properties").write_text(
        "".join(f"{name}={value}\n" for name, value in properties.items())
    )
    node = Node(root, 1)
    try:
        node.wait_started()
        yield server
    finally:
        _end(node)


def _end(node: Node) -> None:
    try:
        node.stop()
    except AssertionError:  # it hangs
        node.kill()
        raise


def are_free(ports: Iterable[int]) -> bool:
    """Return whether nobody listens on any of these ports of the loopback address."""
    with ExitStack() as held:
        for port in ports:
            trial = held.enter_context(socket.socket())
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((LOOPBACK, port))
            except OSError:
                return False
    return True


def _ports() -> Ports:
    """Return the ports of the reference, any others when one of them is taken."""
    if are_free(astuple(REFERENCE)):
        return REFERENCE
    with ExitStack() as held:
        taken = [held.enter_context(socket.create_server((LOOPBACK, 0))) for _ in fields(Ports)]
        return Ports(*(one.getsockname()[1] for one in taken))


def _own(ports: Ports) -> dict[str, object]:
    return {
        "server.offset": 0,
        "server.deployment_settle_time": 0,
        "server.deployment_update_interval": 0.1,
        "mediation.internal_http_api_port": ports.internal,
        "mediation.internal_http_api_bind_address": LOOPBACK,
        "mediation.internal_https_api_port": ports.management,
        "management_api.bind_address": LOOPBACK,
        "transport.http.listener.port": ports.http,
        "transport.http.listener.bind_address": LOOPBACK,
        "transport.http.listener.secured_port": ports.https,
        "transport.http.listener.secured_bind_address": LOOPBACK,
        # a back end that has ended goes on answering on the connections it has: none may be left to the next case
        "transport.http.connection_idle_time": 1,
    }


def _toml(settings: Mapping[str, object]) -> str:
    sections: dict[str, list[str]] = {}
    for dotted, value in settings.items():
        section, _, key = dotted.rpartition(".")
        # what JSON writes for texts, numbers and truth values is what TOML reads
        sections.setdefault(section, []).append(f"{key} = {json.dumps(value)}\n")
    return "".join(f"[{section}]\n{''.join(lines)}\n" for section, lines in sections.items())
