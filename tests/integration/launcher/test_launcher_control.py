"""task, cluster and status over the control socket: what is sent, what is shown, which exit code it gives."""

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from integration.launcher.launched import Home, Node


class Socket(socketserver.UnixStreamServer):
    """The socket of a node: gives one answer to everybody and remembers what was asked."""

    answer: Any = None
    asked: list[Any]

    class RequestHandlerClass(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            assert isinstance(self.server, Socket)
            self.server.asked.append(json.loads(self.rfile.readline()))
            self.wfile.write(self.server.answer)


@pytest.fixture
def control(home: Home) -> Iterator[Socket]:
    with Socket(str(home.root / "micro-integrator.sock"), Socket.RequestHandlerClass) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def answer(**content: object) -> bytes:
    return json.dumps(content).encode() + b"\n"


def test_a_command_is_sent_with_named_arguments_and_its_answer_is_shown(home: Home, control: Socket) -> None:
    control.answer = answer(ok=True, text="Task [orders] is paused.", rows=[])
    done = home.launch("task", "pause", "orders")
    assert (done.returncode, done.stdout) == (0, "Task [orders] is paused.\n")
    assert control.asked == [{"command": "task", "action": "pause", "arguments": {"name": "orders"}}]


def test_json_shows_the_answer_as_it_came(home: Home, control: Socket) -> None:
    control.answer = answer(ok=True, text="...", rows=[{"task": "orders", "owner": None}])
    done = home.launch("task", "list", "--json")
    assert json.loads(done.stdout)["rows"] == [{"task": "orders", "owner": None}]


def test_a_refusal_ends_with_1_and_its_reason(home: Home, control: Socket) -> None:
    control.answer = answer(ok=False, error="there is no task 'ordres'")
    done = home.launch("task", "pause", "ordres")
    assert (done.returncode, done.stderr) == (1, "there is no task 'ordres'\n")


@pytest.mark.parametrize("garbage", [b"", b"no json\n", b"7\n"])
def test_an_answer_that_is_none_ends_with_1(home: Home, control: Socket, garbage: bytes) -> None:
    control.answer = garbage
    done = home.launch("task", "list")
    assert done.returncode == 1
    assert done.stderr.startswith("No answer over ")
    assert "Traceback" not in done.stderr


def test_the_socket_can_stand_elsewhere(home: Home, control: Socket) -> None:
    control.answer = answer(ok=True, text="none")
    link = home.root.parent / "s"
    link.symlink_to(home.root / "micro-integrator.sock")
    assert home.launch("cluster", "members", MI_SOCKET=str(link)).stdout == "none\n"


def test_a_path_too_long_for_a_socket_names_the_remedy(home: Home) -> None:
    done = home.launch("task", "list", MI_SOCKET="/tmp/" + "x" * 120)
    assert done.returncode == 1
    assert "MI_SOCKET" in done.stderr


@pytest.mark.parametrize(("is_ready", "exit_code"), [(True, 0), (False, 1)])
def test_status_asks_the_node_whether_it_is_ready(
    node: Callable[..., Node], home: Home, control: Socket, is_ready: bool, exit_code: int
) -> None:
    control.answer = answer(ok=True, rows=[{"ready": is_ready, "coordinator": True}])
    node().wait_started()
    done = home.launch("status")
    assert done.returncode == exit_code
    assert "coordinator  yes" in done.stdout
    assert ("ready        yes" in done.stdout) is is_ready
    assert json.loads(home.launch("status", "--json").stdout)["ports"] == {"internal_http": 9201}
