"""nginx with the example of the operations pages, before nodes of a test."""

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from harness.node import CHECKOUT
from harness.waiting import LIMIT
from servers.fetch import NGINX, Binaries, ServerMissing, find
from servers.ports import free_port

EXAMPLE = CHECKOUT / "docs" / "operations" / "nginx.conf"

_SURROUNDINGS = """
daemon off;
worker_processes 1;
error_log {folder}/error.log;
pid {folder}/nginx.pid;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/client_body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/example.conf;
}}
"""


@contextmanager
def balancing(folder: Path, ports: Sequence[int]) -> Iterator[int]:
    """Run nginx before two nodes on `ports`; yields the port clients come in by."""
    binaries = _found()
    folder.mkdir()
    own = free_port()
    (folder / "example.conf").write_text(_on_loopback(EXAMPLE.read_text(), own, ports))
    (folder / "nginx.conf").write_text(_SURROUNDINGS.format(folder=folder))
    command = [
        str(binaries.folder / "nginx"),
        "-p",
        str(folder),
        "-e",
        str(folder / "error.log"),
        "-c",
        str(folder / "nginx.conf"),
    ]
    environment = binaries.environment()
    subprocess.run([*command, "-t", "-q"], check=True, env=environment)
    with subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *command], env=environment) as process:
        try:
            yield own
        finally:
            process.terminate()
            process.wait(LIMIT)
            print((folder / "error.log").read_text())


def _found() -> Binaries:
    try:
        return find(NGINX)
    except ServerMissing as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))


def _on_loopback(example: str, own: int, ports: Sequence[int]) -> str:
    """Return the example with the addresses of a test, and nothing else changed."""
    changes = {"listen 80;": f"listen 127.0.0.1:{own};"}
    for number, port in enumerate(ports, 1):
        changes[f"node-{number}.example:8290"] = f"127.0.0.1:{port}"
    for old, new in changes.items():
        assert example.count(old) == 1, old
        example = example.replace(old, new)
    return example
