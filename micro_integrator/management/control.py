"""The unix socket in the home: its owner lists and steers tasks there, with or without a database.

One line of JSON in, one line of JSON out:

    {"command": "task", "action": "pause", "arguments": {"name": "orders"}}
    {"ok": true, "text": "Task [orders] is paused.", "rows": []}
    {"ok": false, "error": "there is no task 'ordres' (did you mean 'orders'?)"}
"""

import asyncio
import json
import os
import pwd
import socket
import stat
import struct
from pathlib import Path

from micro_integrator.kit import Component, MicroIntegratorError, did_you_mean
from micro_integrator.management.commands import Caller, CommandError, Commands, Request
from micro_integrator.observability import get_logger

PATH_LIMIT = 100
"""Bytes of a socket's path; the kernel ends at 108."""

REQUEST_LIMIT = 64 * 1024
"""Bytes of one request."""

REQUEST_TIMEOUT = 5.0
"""Seconds to send a request, and to take the reply."""

COMMAND_TIMEOUT = 20.0
"""Seconds a command may take; the command line waits longer, so that it hears the reason."""

_CREDENTIALS = struct.Struct("3i")
"""Of the process at the other end: pid, uid, gid."""

HINT = "set MI_SOCKET to a path such as /run/micro-integrator.sock"

log = get_logger("ControlSocket")


class ControlError(MicroIntegratorError):
    """The control socket cannot be opened; the text says what to do."""


class Control(Component):
    """Listens on the socket and carries out commands."""

    def __init__(self, path: Path, commands: Commands) -> None:
        super().__init__("control socket")
        self._path, self._commands = path, commands
        self._server: asyncio.Server | None = None
        self._inode = 0
        self._is_stopped = False

    async def start(self) -> None:
        """Open the socket, for its owner only. Raises ControlError."""
        length = len(os.fsencode(self._path))
        if length > PATH_LIMIT:
            raise ControlError(f"{self._path}: a socket's path has at most {PATH_LIMIT} bytes; {HINT}")
        await self._remove_stale()
        try:
            opened = _bound_for_owner(self._path)
        except OSError as error:
            raise ControlError(f"{self._path} cannot be opened: {error.strerror}; {HINT}") from error
        self._inode = self._path.stat().st_ino
        self._is_stopped = False
        self._server = await asyncio.start_unix_server(
            self._connected, sock=opened, limit=REQUEST_LIMIT, start_serving=False
        )
        await self._server.start_serving()  # apart: a start that is cancelled here has a server to close

    async def stop(self) -> None:
        """Close the socket and remove it, unless another node has replaced it meanwhile."""
        self._is_stopped = True
        if self._server is not None:
            self._server.close()
        await super().stop()
        try:
            if self._server is not None and self._path.stat().st_ino == self._inode:
                self._path.unlink()
        except OSError:
            return
        finally:
            self._server = None

    async def _remove_stale(self) -> None:
        """Make room where a killed node has left its socket; refuse where somebody answers."""
        try:
            mode = self._path.lstat().st_mode
        except FileNotFoundError:
            return
        if not stat.S_ISSOCK(mode):
            raise ControlError(f"{self._path} is not a socket; move it away, or {HINT}")
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT):
                _, writer = await asyncio.open_unix_connection(self._path)
        except (ConnectionRefusedError, FileNotFoundError):
            self._path.unlink(missing_ok=True)
        except (OSError, TimeoutError) as error:
            raise ControlError(f"{self._path} belongs to another node: {error}; {HINT}") from error
        else:
            writer.close()
            raise ControlError(f"{self._path} is answered by another node of this home; stop that one first")

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_stopped:  # accepted just before the end
            writer.close()
        else:
            conversation = self.spawn(self._converse(reader, writer), "conversation")
            # not in the conversation itself: one that is cancelled before its first step would never close
            conversation.add_done_callback(lambda _: writer.close())

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(REQUEST_TIMEOUT):
                line = await reader.readline()
            reply = await self._reply(line, _caller(writer))
            async with asyncio.timeout(REQUEST_TIMEOUT):
                writer.write(json.dumps(reply, default=str).encode() + b"\n")
                await writer.drain()
        except (OSError, TimeoutError) as error:
            log.debug("A conversation on the control socket ended early: {error}", error=repr(error))
        except ValueError:
            writer.write(b'{"ok": false, "error": "the request is too long"}\n')

    async def _reply(self, line: bytes, caller: Caller) -> dict[str, object]:
        try:
            request = _request(line, caller)
            async with asyncio.timeout(COMMAND_TIMEOUT):
                reply = await self._commands[self._known(request)](request)
        except MicroIntegratorError as error:
            return _refusal(str(error))
        except TimeoutError:
            return _refusal(f"no answer within {COMMAND_TIMEOUT:.0f} s; the node is busy, see its log")
        except Exception as error:
            return _unforeseen(error)
        return {"ok": True, "text": reply.text, "rows": list(reply.rows)}

    def _known(self, request: Request) -> str:
        if request.title not in self._commands:
            guess = did_you_mean(request.title, self._commands)
            known = ", ".join(self._commands)
            raise CommandError(f"there is no command '{request.title}'{guess}; there are {known}")
        return request.title


def _bound_for_owner(path: Path) -> socket.socket:
    opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        opened.bind(str(path))
        path.chmod(0o600)  # in time: nobody can connect before somebody listens
    except OSError:
        opened.close()
        raise
    opened.setblocking(False)
    return opened


def _caller(writer: asyncio.StreamWriter) -> Caller:
    """Return who is at the other end, by the kernel's word."""
    end = writer.get_extra_info("socket")
    with socket.socket(fileno=os.dup(end.fileno())) as copy:
        raw = copy.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    pid, user, _ = _CREDENTIALS.unpack(raw)
    try:
        return Caller(pwd.getpwuid(user).pw_name, pid)
    except KeyError:  # a container's user without an entry
        return Caller(f"uid {user}", pid)


def _request(line: bytes, caller: Caller) -> Request:
    try:
        asked = json.loads(line)
        command, action = asked["command"], asked.get("action") or ""
        arguments = asked.get("arguments") or {}
        texts = [command, action, *arguments, *arguments.values()]
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise CommandError('a request is one line such as {"command": "task", "action": "list"}') from error
    if not all(isinstance(text, str) for text in texts):
        raise CommandError("command, action and arguments of a request are strings")
    return Request(command, action, arguments, caller)


def _unforeseen(error: Exception) -> dict[str, object]:
    log.error("A control command failed: {error}", error=repr(error), exc_info=error)
    return _refusal("the command failed unexpectedly; see the log of the node")


def _refusal(text: str) -> dict[str, object]:
    return {"ok": False, "error": " ".join(text.split())}
