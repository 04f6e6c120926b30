"""The rows of a group, kept by every database and by the file of a node that is alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from integration.cluster.members import Source, active_member, identity, source_of
from servers.server import Database

from micro_integrator.cluster import FenceTable
from micro_integrator.cluster.standalone import FenceFile


@pytest.fixture
def source(database: Database, tmp_path: Path) -> Source:
    """Makes data sources on the test's database."""
    return lambda: source_of(database, tmp_path)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb", "file"])
async def fences(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[FenceTable]:
    """The rows as an ACTIVE member writes them, or the file of a node that is alone."""
    if request.param == "file":
        yield FenceFile(tmp_path / "tasks.json")
        return
    database = request.getfixturevalue(f"{request.param}_database")
    async with active_member(source_of(database, tmp_path), identity()) as joined:
        yield joined.fences
