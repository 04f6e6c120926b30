from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from integration.deployment.node import Node


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Node]:
    node = Node(tmp_path / "home")
    yield node
    await node.stop()
