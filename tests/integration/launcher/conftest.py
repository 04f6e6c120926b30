"""A home, and stand-ins running in it that end with the test."""

from collections.abc import Callable, Iterator

import pytest
from integration.launcher.launched import Home, Node


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a blank in its path, which is short: a socket's must be."""
    return Home(tmp_path_factory.mktemp("my home"))


@pytest.fixture
def node(home: Home) -> Iterator[Callable[..., Node]]:
    """Start stand-ins in `home`; those that still run are killed at the end."""
    started: list[Node] = []

    def start(trick: str = "well-behaved", **environment: str) -> Node:
        started.append(Node(home, trick, environment))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait()
