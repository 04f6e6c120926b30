"""Fixtures of tests with one serving node for a whole module, which the module makes under the name `gateway`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gateway.back_end import BackEnd
from gateway.footprint import footprint, wait_for_footprint
from gateway.serving_node import ServingNode


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a short path, because sockets are kept in homes."""
    return tmp_path_factory.mktemp("gw")


@pytest.fixture(scope="module")
def lasting_back_end() -> Iterator[BackEnd]:
    """The back end of all tests of a module."""
    with BackEnd() as opened:
        yield opened


@pytest.fixture
def leaves_nothing(gateway: ServingNode) -> Iterator[None]:
    """After the test the node holds no more files, background work and memory than before."""
    before = footprint(gateway.node)
    yield
    wait_for_footprint(gateway.node, before)


@pytest.fixture
def back_end(lasting_back_end: BackEnd) -> Iterator[BackEnd]:
    """A back end as if nobody had called it before."""
    yield lasting_back_end
    lasting_back_end.hang_up()
