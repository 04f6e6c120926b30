"""The rows of a group, kept by every database and by the file of a node that is alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from integration.cluster.members import Source, active_member, identity, owner, source_of
from servers.server import Database

from micro_integrator.cluster import Cluster, FenceTable, Node, Standalone


@pytest.fixture
def source(database: Database, tmp_path: Path) -> Source:
    """Makes data sources on the test's database."""
    return lambda: source_of(database, tmp_path)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb", "file"])
async def joined(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Cluster]:
    """An ACTIVE member, or a node that is alone."""
    if request.param == "file":
        async with Standalone("node-1", tmp_path / "tasks.json") as alone:
            yield alone
        return
    database = request.getfixturevalue(f"{request.param}_database")
    async with active_member(source_of(database, tmp_path), identity()) as member:
        yield member


@pytest.fixture
def fences(joined: Cluster) -> FenceTable:
    """The rows as `joined` writes them."""
    return joined.fences


@pytest.fixture
def me(joined: Cluster) -> Node:
    """`joined` as an owner of tasks."""
    return owner(joined)
