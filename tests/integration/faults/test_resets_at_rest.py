"""A connection that is reset while nobody uses it: noticed by the next statement, in either kind of event loop."""

import asyncio
from collections.abc import Callable

import pytest
import uvloop
from harness import Proxy
from servers.server import Database
from servers.settings import settings_of

from micro_integrator.database import DataSource, Statement, Unreachable

ANYTHING = Statement("SELECT 1")
NOTICED = 0.3
"""Seconds within which a loop of this machine hears of a reset."""


@pytest.mark.parametrize("make_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_a_pool_replaces_what_was_reset_while_it_rested(
    proxy: Proxy, database: Database, make_loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def reset_at_rest() -> list[tuple[int, ...]]:
        source = DataSource(settings_of(proxy.rerouted(database)))
        await source.open()
        try:
            await source.rows(ANYTHING)
            assert proxy.reset() == 1
            await asyncio.sleep(NOTICED)
            with pytest.raises(Unreachable):
                await source.rows(ANYTHING)
            return [tuple(row) for row in await source.rows(ANYTHING)]
        finally:
            await source.close()

    with asyncio.Runner(loop_factory=make_loop) as runner:
        assert runner.run(reset_at_rest()) == [(1,)]
