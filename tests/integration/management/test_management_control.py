"""The control socket, asked over a real unix socket."""

import asyncio
import json
import os
import socket
import stat
from pathlib import Path

import pytest
import uvloop

from micro_integrator.kit import MicroIntegratorError
from micro_integrator.management import Control, ControlError, Reply, Request
from micro_integrator.management import control as control_module
from micro_integrator.observability import recorded_lines


async def echo(request: Request) -> Reply:
    arguments = dict(request.arguments)
    return Reply(f"{request.caller.user} {request.caller.pid}", [arguments])


async def refuse(request: Request) -> Reply:
    raise MicroIntegratorError("no\nway")


async def fail(request: Request) -> Reply:
    raise RuntimeError("unforeseen")


async def hang(request: Request) -> Reply:
    return await asyncio.Future()


COMMANDS = {"task list": echo, "task pause": refuse, "task reset": fail, "status": echo, "task trigger": hang}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "micro-integrator.sock"


async def ask(path: Path, line: bytes | dict[str, object]) -> dict[str, object]:
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")
    reply = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    await writer.wait_closed()
    answer: dict[str, object] = json.loads(reply)
    return answer


async def test_a_command_is_answered_with_text_and_rows(path: Path) -> None:
    async with Control(path, COMMANDS):
        reply = await ask(path, {"command": "task", "action": "list", "arguments": {"name": "x"}})
        assert reply == {"ok": True, "text": reply["text"], "rows": [{"name": "x"}]}
        assert str(reply["text"]).endswith(f" {os.getpid()}")
        assert (await ask(path, {"command": "status"}))["ok"]


async def test_a_refusal_is_one_line(path: Path) -> None:
    async with Control(path, COMMANDS):
        reply = await ask(path, {"command": "task", "action": "pause"})
    assert reply == {"ok": False, "error": "no way"}


async def test_an_unknown_command_names_the_known_ones(path: Path) -> None:
    async with Control(path, COMMANDS):
        reply = await ask(path, {"command": "task", "action": "lst"})
    assert str(reply["error"]).startswith(
        "there is no command 'task lst' (did you mean 'task list'?); there are task list, task pause"
    )


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"",
        b"nonsense\n",
        b"[]\n",
        b'"x"\n',
        b"{}\n",
        b'{"command": "a", "arguments": [1]}\n',
        b"\xff\n",
    ],
)
async def test_a_line_that_is_no_request_is_refused(path: Path, line: bytes) -> None:
    async with Control(path, COMMANDS):
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(line)
        writer.write_eof()
        reply = json.loads(await reader.readline())
        writer.close()
    assert reply == {
        "ok": False,
        "error": 'a request is one line such as {"command": "task", "action": "list"}',
    }


@pytest.mark.parametrize("asked", [{"command": 1}, {"command": "a", "arguments": {"name": 5}}])
async def test_values_that_are_no_strings_are_refused(path: Path, asked: dict[str, object]) -> None:
    async with Control(path, COMMANDS):
        reply = await ask(path, asked)
    assert reply["error"] == "command, action and arguments of a request are strings"


async def test_a_request_that_is_too_long_is_refused(path: Path) -> None:
    async with Control(path, COMMANDS):
        reply = await ask(path, b"x" * 200_000)
    assert reply == {"ok": False, "error": "the request is too long"}


async def test_an_unforeseen_error_is_logged_and_not_shown(path: Path) -> None:
    with recorded_lines() as lines:
        async with Control(path, COMMANDS):
            reply = await ask(path, {"command": "task", "action": "reset"})
    assert reply["error"] == "the command failed unexpectedly; see the log of the node"
    assert lines.texts() == ["A control command failed: RuntimeError('unforeseen')"]
    assert "RuntimeError: unforeseen" in lines.records[0].traceback


async def test_a_command_that_hangs_is_given_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "COMMAND_TIMEOUT", 0.05)
    async with Control(path, COMMANDS):
        reply = await ask(path, {"command": "task", "action": "trigger"})
    assert str(reply["error"]).endswith("the node is busy, see its log")


async def test_a_client_that_says_nothing_is_left(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control_module, "REQUEST_TIMEOUT", 0.05)
    async with Control(path, COMMANDS):
        reader, writer = await asyncio.open_unix_connection(path)
        assert await asyncio.wait_for(reader.read(), 5) == b""
        writer.close()


async def test_only_the_owner_may_open_the_socket_and_it_is_gone_after_the_stop(path: Path) -> None:
    async with Control(path, COMMANDS):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not path.exists()


async def test_the_socket_of_a_killed_node_is_replaced(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    async with Control(path, COMMANDS):
        assert (await ask(path, {"command": "status"}))["ok"]


async def test_the_socket_of_a_living_node_is_left_alone(path: Path) -> None:
    async with Control(path, COMMANDS):
        with pytest.raises(ControlError, match="is answered by another node of this home"):
            async with Control(path, COMMANDS):
                pass
        assert (await ask(path, {"command": "status"}))["ok"]


async def test_a_file_in_the_way_is_left_alone(path: Path) -> None:
    path.write_text("mine")
    with pytest.raises(ControlError, match="is not a socket"):
        async with Control(path, COMMANDS):
            pass
    assert path.read_text() == "mine"


async def test_a_path_too_long_for_a_socket_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match=r"at most 100 bytes; set MI_SOCKET to a path such as"):
        async with Control(tmp_path / ("x" * 100), COMMANDS):
            pass


async def test_a_folder_that_is_missing_names_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match=r"cannot be opened: No such file or directory; set MI_SOCKET"):
        async with Control(tmp_path / "no" / "s", COMMANDS):
            pass


async def test_stopping_ends_commands_that_still_run(path: Path) -> None:
    running = asyncio.Event()

    async def run_for_ever(request: Request) -> Reply:
        running.set()
        return await asyncio.Future()

    control = Control(path, {"task trigger": run_for_ever})
    await control.stop()
    async with control:
        reader, writer = await asyncio.open_unix_connection(path)
        writer.write(b'{"command": "task", "action": "trigger"}\n')
        await running.wait()
    assert await asyncio.wait_for(reader.read(), 5) == b""
    writer.close()
    await control.stop()


async def test_a_start_that_is_cancelled_gives_the_socket_back(path: Path) -> None:
    for steps in range(6):
        control = Control(path, COMMANDS)
        starting = asyncio.create_task(control.__aenter__())
        for _ in range(steps):
            await asyncio.sleep(0)
        starting.cancel()
        await asyncio.wait([starting])
        await control.stop()
        assert not path.exists(), f"cancelled after {steps} steps"


async def test_opening_the_socket_leaves_the_mode_of_other_files_alone(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "umask", lambda _: pytest.fail("the umask belongs to all threads"))
    async with Control(path, COMMANDS):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_socket_works_on_uvloop(path: Path) -> None:
    async def conversation() -> dict[str, object]:
        async with Control(path, COMMANDS):
            return await ask(path, {"command": "status"})

    assert uvloop.run(conversation())["ok"]
