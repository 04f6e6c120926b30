"""Wires in one process, on the event loop of the lease thread and on that of the standard library."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import uvloop
from integration.wire.groups import Group


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


@pytest.fixture
async def group() -> AsyncIterator[Group]:
    """A group without members; whatever is still running at the end is stopped."""
    made = Group()
    yield made
    await made.stop()
