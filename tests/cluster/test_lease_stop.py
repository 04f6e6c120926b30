"""The lease thread ends when it is told to, whatever it is doing at that instant."""

import asyncio
import random
import time
from pathlib import Path

from integration.cluster.members import active_member, identity, source_of
from servers.server import Database

STOPS = 25
PROMPT = 3.0
"""Seconds; a thread that does not end is left behind after five."""


async def test_a_member_stopped_in_the_middle_of_a_renewal_stops_at_once(
    database: Database, tmp_path: Path
) -> None:
    moment = random.Random(7)
    for number in range(STOPS):
        async with active_member(source_of(database, tmp_path), identity(f"node-{number}")) as member:
            member.start_draining()  # sends a renewal
            await asyncio.sleep(moment.uniform(0, 0.004))
            began = time.monotonic()
        assert time.monotonic() - began < PROMPT, f"stop {number}"
