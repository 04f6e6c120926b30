"""The entry point: read the command line, hand over to whoever does the work, turn errors into exit codes."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from micro_integrator import __version__
from micro_integrator.cli import launcher
from micro_integrator.cli.arguments import Arguments, UsageError, read_arguments
from micro_integrator.cli.control_client import control
from micro_integrator.cli.env_file import EnvFileError, read_env_file
from micro_integrator.cli.libraries import offer_libraries
from micro_integrator.cli.places import home_of_this_call
from micro_integrator.cli.status import status
from micro_integrator.cli.usage import USAGE

USAGE_ERROR, CONFIGURATION_ERROR, FAILED = 2, 3, 1


def main(typed: Sequence[str] | None = None) -> int:
    """Do what the command line asks for and return the exit code."""
    try:
        return _obey(read_arguments(sys.argv[1:] if typed is None else typed))
    except UsageError as error:
        print(f"micro-integrator: {error}\nTry: micro-integrator.sh --help", file=sys.stderr)
        return USAGE_ERROR
    except EnvFileError as error:
        print(error, file=sys.stderr)
        return CONFIGURATION_ERROR
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _obey(wanted: Arguments) -> int:
    if (path := wanted.options.get("--env-file")) is not None:
        wanted.options["--env-file"] = str(Path(path).absolute())
        os.environ.update(read_env_file(Path(path)))
    if "--car" in wanted.options:
        raise UsageError("--car is not available yet; deploy the application and let a task run its sequence")
    home = home_of_this_call()
    match wanted.command:
        case "version":
            print(f"micro-integrator {__version__}")
        case "help":
            print(USAGE, end="")
        case "status":
            return status(wanted, home)
        case "task" | "cluster":
            return control(wanted, home)
        case "check":
            return _check(wanted, home)
        case "ciphertool":
            return _ciphertool(wanted, home)
        case lifetime:
            return _LIFE[lifetime](wanted, home)
    return 0


def _check(wanted: Arguments, home: Path) -> int:
    from micro_integrator.cli.check import main as check

    offer_libraries(home)
    return check(home, wanted.properties, strict="--strict" in wanted.options)


def _ciphertool(wanted: Arguments, home: Path) -> int:
    from micro_integrator.cli.ciphertool import main as ciphertool

    return ciphertool(wanted.words, home)


_LIFE = {
    "run": launcher.run,
    "start": launcher.start,
    "stop": launcher.stop,
    "restart": launcher.restart,
}
