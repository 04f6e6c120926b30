"""What a node has loaded that runs its sample: the driver of its own database and no other."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from servers.server import Database

from micro_integrator.config import Home
from micro_integrator.management import own_key_store

CHECKOUT = Path(__file__).resolve().parents[3]

DRIVERS = {
    "sqlite": {"aiosqlite"},
    "postgresql": {"asyncpg"},
    "mariadb": {"aiomysql", "pymysql", "cryptography"},  # pymysql wants it for passwords of MySQL 8
}
NEVER = {"unittest", "pytest", "tkinter", "xmlrpc", "argparse", "lxml.objectify", "h11"}

RUN_AND_TELL = """
import asyncio, sys
from pathlib import Path
from micro_integrator.config import load
from micro_integrator.server import running

async def live():
    async with running(load(Path(sys.argv[1]), properties={}, environ={})) as node:
        async with asyncio.timeout(20):
            while not node.tasks.running:
                await asyncio.sleep(0.02)
        await node.drain()

asyncio.run(live())
print("loaded:", *sys.modules)
"""


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory, database: Database) -> Path:
    """The shipped sample on a database of each kind."""
    root = tmp_path_factory.mktemp("mi")
    shutil.copytree(CHECKOUT / "carbonapps", root / "carbonapps")
    (root / "conf").mkdir()
    places = {"url": database.url, "username": database.username, "password": database.password}
    datasource = "\n".join(f"{key} = {json.dumps(value)}" for key, value in places.items())
    (root / "conf" / "deployment.toml").write_text(f"""
[cluster_config]
create_tables = true
wire_port = 0
[mediation]
internal_http_api_port = 0
internal_https_api_port = 0
[transport.http.listener]
port = 0
secured_port = 0
[[datasource]]
id = "WSO2_COORDINATION_DB"
{datasource}
""")
    own_key_store(Home(root), "localhost")  # making one takes a library that nothing else needs
    return root


def test_a_node_that_runs_its_sample_has_loaded_one_driver_and_nothing_rare(
    home: Path, database: Database
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", RUN_AND_TELL, home],
        env={"PYTHONPATH": str(CHECKOUT), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    modules = set(done.stdout.rpartition("loaded:")[2].split())
    assert modules & set().union(*DRIVERS.values()) == DRIVERS[database.kind]
    assert modules & NEVER == set()
