"""`task ...` and `cluster ...`: ask the node that runs in this home, over the socket in its home.

One JSON line there, `{"command", "action", "arguments"}`; one JSON line back, `{"ok": true, "text", "rows"}` or
`{"ok": false, "error"}`. The node may be busy, so an answer may take ANSWER_LIMIT; nothing is sent twice.
"""

import json
import os
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from micro_integrator.cli.arguments import Arguments, UsageError
from micro_integrator.cli.places import control_socket

ANSWER_LIMIT = 30.0
"""Seconds to wait for an answer."""

PATH_LIMIT = 100
"""Bytes a socket's path may have; the node keeps to the same limit."""

DONE, REFUSED, NOT_RUNNING = 0, 1, 5

_ACTIONS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "task": {
        "list": (),
        "pause": ("name",),
        "activate": ("name",),
        "trigger": ("name",),
        "reset": ("name",),
        "move": ("name", "node"),
    },
    "cluster": {"members": (), "accept-rollback": ()},
}
"""Command → action → what its words are called."""


class NotRunning(Exception):
    """Nobody listens on the socket: no node runs in this home."""


class NoAnswer(Exception):
    """A node may run but did not answer; the text says why."""


def control(wanted: Arguments, home: Path) -> int:
    """Send the command, print the answer, return the exit code. Raises UsageError."""
    request = _request(wanted)
    try:
        answer = ask(control_socket(home), request)
    except NotRunning:
        print(f"No node runs in {home}", file=sys.stderr)
        return NOT_RUNNING
    except NoAnswer as error:
        print(error, file=sys.stderr)
        return REFUSED
    if "--json" in wanted.options:
        print(json.dumps(answer))
    elif answer.get("ok"):
        print(answer.get("text", ""))
    else:
        print(answer.get("error", "refused, no reason given"), file=sys.stderr)
    return DONE if answer.get("ok") else REFUSED


def ask(path: Path, request: Mapping[str, object]) -> dict[str, Any]:
    """Return what the node behind the socket `path` answers. Raises NotRunning or NoAnswer."""
    if len(os.fsencode(path)) > PATH_LIMIT:
        raise NoAnswer(f"{path} is too long for a socket; MI_SOCKET may name another place")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_LIMIT)
        try:
            connection.connect(str(path))
            connection.sendall(json.dumps(request).encode() + b"\n")
            with connection.makefile("rb") as reader:
                return dict(json.loads(reader.readline()))
        except (FileNotFoundError, ConnectionRefusedError) as error:
            raise NotRunning from error
        except PermissionError as error:
            raise NoAnswer(f"{path} belongs to another user") from error
        except TimeoutError as error:
            raise NoAnswer(f"The node did not answer within {ANSWER_LIMIT:.0f} s") from error
        except (OSError, ValueError, TypeError) as error:
            raise NoAnswer(f"No answer over {path}: {error}") from error


def _request(wanted: Arguments) -> dict[str, object]:
    actions = _ACTIONS[wanted.command]
    action, *words = wanted.words or [""]
    if action not in actions:
        raise UsageError(f"{wanted.command} '{action}': expected one of {', '.join(actions)}")
    names = actions[action]
    if len(words) != len(names):
        usage = " ".join([wanted.command, action, *(name.upper() for name in names)])
        raise UsageError(f"expected: {usage}")
    return {"command": wanted.command, "action": action, "arguments": dict(zip(names, words, strict=True))}
