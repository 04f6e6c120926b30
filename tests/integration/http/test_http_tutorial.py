"""docs/tutorial-http-task.md: what stands there is what a newcomer gets, with a real node and a real service."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from harness import wait_until
from harness.home import Home

PAGE = Path(__file__).parents[3] / "docs" / "tutorial-http-task.md"
PORT = "8099"


class Folder(SimpleHTTPRequestHandler):
    """What `python3 -m http.server` is, keeping the books and connections."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, str | None]]

    def do_GET(self) -> None:
        self.asked.append((self.requestline, self.headers["X-Fire"]))
        super().do_GET()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def service(folder: Path) -> Iterator[tuple[int, list[tuple[str, str | None]]]]:
    """The service of the page, on a port of its own."""
    asked: list[tuple[str, str | None]] = []
    handler = partial(type("Asked", (Folder,), {"asked": asked}), directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server.server_address[1], asked
        server.shutdown()
        thread.join()


def test_the_task_of_the_tutorial_calls_its_service_every_second(tmp_path: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    [xml] = re.findall(r"```xml\n(.*?)```", page, re.DOTALL)
    [(content, name)] = re.findall(r"echo '(.*?)' > stock/(\S+)", page)
    (tmp_path / "stock").mkdir()
    (tmp_path / "stock" / name).write_text(content)
    home = Home(tmp_path / "home", None, None, "http://127.0.0.1:1")
    with service(tmp_path / "stock") as (port, asked):
        home.deploy("stock", xml.replace(PORT, str(port)))
        node = home.start()
        try:
            node.wait_logged("INFO {LogMediator} - 3 apples left")
            wait_until(lambda: len(asked) >= 3, lambda: f"three requests, not {asked}")
        finally:
            node.kill()
    keys = [int(key or -1) for _, key in asked]
    assert {line for line, _ in asked} == {"GET /apples.json HTTP/1.1"}
    assert keys == list(range(keys[0], keys[0] + len(keys)))


def test_without_the_service_the_tutorial_s_sequence_says_what_is_wrong(tmp_path: Path) -> None:
    [xml] = re.findall(r"```xml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "empty").mkdir()
    with service(tmp_path / "empty") as (port, _):
        home = Home(tmp_path / "home", None, None, "http://127.0.0.1:1")
        home.deploy("stock", xml.replace(PORT, str(port)))
        node = home.start()
        try:
            node.wait_logged("WARN {LogMediator} - The stock service answers 404")
        except BaseException:
            node.kill()
            raise
    try:
        node.wait_logged("WARN {EndpointContext} - Endpoint : Stock with address", "will be marked SUSPENDED")
        node.wait_logged("WARN {LogMediator} - No stock: 101503 Error connecting to the back end")
        node.wait_logged("WARN {LogMediator} - No stock: 303001 Currently, HTTP endpoint : [ Name : Stock ]")
    finally:
        node.kill()
