"""A node in the background: a session of its own, its words in a file, its arguments found again."""

import os
import subprocess
import sys
from pathlib import Path

from micro_integrator.cli.arguments import Arguments, UsageError, read_arguments

CONSOLE = "console.log"
"""In the log folder: what the node prints. With log files on that is the start only (MI_BACKGROUND)."""

_TAIL = 4096


def spawn(wanted: Arguments, home: Path) -> tuple[subprocess.Popen[bytes], Path]:
    """Start a node in a session of its own; return it and the file its words go to. Raises OSError."""
    from micro_integrator.config import Home

    logs = Home(home, environ=os.environ, properties=wanted.properties).logs
    logs.mkdir(parents=True, exist_ok=True)
    console = logs / CONSOLE
    with os.fdopen(_for_the_owner(console), "wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-P", "-m", "micro_integrator", "run", *_options(wanted)],
            cwd=home,
            env=os.environ | {"MI_BACKGROUND": "1"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return process, console


def _for_the_owner(path: Path) -> int:
    """Empty a file that nobody else may read, and return its descriptor: a first start prints a password."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.fchmod(descriptor, 0o600)  # one of an earlier start may have been made for all
    return descriptor


def end_of_console(console: Path) -> str:
    """Return the last lines a node printed, or why they cannot be read."""
    try:
        with console.open("rb") as file:
            file.seek(max(0, console.stat().st_size - _TAIL))
            return file.read().decode(errors="replace").strip()
    except OSError as error:
        return f"({console}: {error.strerror})"


def arguments_of(pid: int) -> Arguments:
    """Return the arguments a running node was started with; none if they cannot be read."""
    try:
        typed = Path(f"/proc/{pid}/cmdline").read_text(errors="surrogateescape").split("\0")[:-1]
        program = [Path(word).name.replace("-", "_") for word in typed].index("micro_integrator")
        former = read_arguments(typed[program + 1 :])
    except (OSError, ValueError, UsageError):
        return Arguments()
    env_file = {name: value for name, value in former.options.items() if name == "--env-file"}
    return Arguments(former.command, [], former.properties, env_file)


def _options(wanted: Arguments) -> list[str]:
    options = [f"-D{name}={value}" for name, value in wanted.properties.items()]
    if (env_file := wanted.options.get("--env-file")) is not None:
        options.append(f"--env-file={env_file}")
    return options
