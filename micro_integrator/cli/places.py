"""Where a node of a home announces itself and listens to commands.

The same places as `config.Home` has, told again for commands that must answer before the configuration room
and the libraries it needs are loaded; a test keeps the two in step.
"""

import os
from pathlib import Path


def home_of_this_call() -> Path:
    """Return the home this command is about: MI_HOME, CARBON_HOME, else the current folder; absolute."""
    named = os.environ.get("MI_HOME") or os.environ.get("CARBON_HOME")
    return Path(named or Path.cwd()).absolute()


def pid_file(home: Path) -> Path:
    """Return the file with the process id of the node that runs in `home`."""
    return home / (os.environ.get("MI_PID_FILE") or "wso2carbon.pid")


def control_socket(home: Path) -> Path:
    """Return the socket on which that node takes commands."""
    return home / (os.environ.get("MI_SOCKET") or "micro-integrator.sock")
