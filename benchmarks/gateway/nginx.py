"""nginx in its two parts: a proxy to compare with, and the back end behind all proxies."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.gateway.echo import COUNT_PATH
from benchmarks.gateway.flows import FLOWS, KB
from benchmarks.gateway.stage import OTHER_CORE, PROXY_CORE, free_port, running

LARGE = 1 << 30
"""Bytes of the answer to GET /pass/large."""

_FRAME = """\
daemon off;
worker_processes 1;
user root;  # nobody else may enter the folder
pid {folder}/pid;
error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    default_type text/plain;
    client_header_buffer_size 16k;  # a request of 10 KB comes in one read
    client_max_body_size 0;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream next {{
        server 127.0.0.1:{next_port};
        keepalive 512;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        {locations}
    }}
}}
"""

_ON = 'proxy_pass http://next; proxy_http_version 1.1; proxy_set_header Connection "";'
_PROXY = f"location / {{ {_ON} }}"
_KILOBYTE = f"set $kilobyte {'x' * KB};"
_ECHO = f"""
location ~ /echo$ {{ {_ON} }}
location = {COUNT_PATH} {{ {_ON} proxy_request_buffering off; }}
"""


@contextmanager
def proxy(folder: Path, back_end: int) -> Iterator[tuple[int, int]]:
    """A proxy before `back_end`, as the numbers of its process and its port."""
    port = free_port()
    with _nginx(folder, port, back_end, _PROXY, PROXY_CORE) as pid:
        yield pid, port


@contextmanager
def back_end(folder: Path, echo: int) -> Iterator[int]:
    """A back end, as its port: it answers with so many kilobytes as the path says, or with what `echo` says."""
    with (folder / "large").open("wb") as large:
        large.truncate(LARGE)  # a hole: it takes no room on the disk
    answers = [
        f"location = {flow.path(size)} {{ return 200 {'$kilobyte' * size}; }}"
        for flow in FLOWS.values()
        for size in flow.sizes
    ]
    whole = f"location = /pass/large {{ alias {folder}/large; }}"
    port = free_port()
    with _nginx(folder, port, echo, "\n".join([_KILOBYTE, *answers, whole, _ECHO]), OTHER_CORE):
        yield port


@contextmanager
def _nginx(folder: Path, port: int, next_port: int, locations: str, core: int) -> Iterator[int]:
    file = folder / "nginx.conf"
    file.write_text(_FRAME.format(folder=folder, port=port, next_port=next_port, locations=locations))
    log = str(folder / "error.log")
    with running(["nginx", "-e", log, "-p", str(folder), "-c", str(file)], port, core) as pid:
        yield pid
