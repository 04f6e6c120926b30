"""What a node and the light commands do not load: every module costs memory, and time at each start."""

import subprocess
import sys
from pathlib import Path

import pytest

REST_OF_THE_LIBRARY = "tkinter unittest doctest pydoc pdb xmlrpc distutils ensurepip turtle curses"
DEVELOPMENT = "pytest _pytest hypothesis mypy ruff setuptools pkg_resources pip IPython debugpy pygments"
OTHER_CLIENTS = "httpx requests aiohttp h11 websockets watchfiles yaml dotenv jinja2"
DRIVERS = "asyncpg aiomysql pymysql aiosqlite oracledb aioodbc pyodbc ibm_db_sa"
RARELY_USED = "cryptography lxml.html lxml.objectify concurrent.futures.process multiprocessing.pool argparse"

NODE = f"{REST_OF_THE_LIBRARY} {DEVELOPMENT} {OTHER_CLIENTS} {DRIVERS} {RARELY_USED}"
"""Not loaded by the code of a node; its database's driver comes with the first connection."""

LIGHT = f"""
    {NODE} asyncio uvloop sqlalchemy lxml uvicorn starlette structlog prometheus_client tomli httptools cryptography
    micro_integrator.config micro_integrator.server.app micro_integrator.observability
"""
"""Not loaded by commands that look at a node from outside."""


def loaded(code: str, forbidden: str, home: Path) -> list[str]:
    """Return those of the `forbidden` modules that a fresh interpreter has loaded after `code`."""
    script = f"""
import sys
sys.modules["rich"] = None  # the tests bring it along, and structlog would take it; a node's environment has none
{code}
print("loaded:", *[module for module in {forbidden.split()!r} if module in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={"MI_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.rpartition("loaded:")[2].split()


def test_the_code_of_a_node_loads_nothing_it_does_not_need(tmp_path: Path) -> None:
    code = "from micro_integrator.server import run_daemon, running\nfrom micro_integrator.config import load"
    assert loaded(code, NODE, tmp_path) == []


@pytest.mark.parametrize(
    "words", [["--version"], ["--help"], ["status"], ["stop"], ["task", "list"], ["no-such-command"]]
)
def test_a_light_command_loads_no_part_of_the_server(words: list[str], tmp_path: Path) -> None:
    code = f"from micro_integrator.cli.main import main\nmain({words!r})"
    assert loaded(code, LIGHT, tmp_path) == []
