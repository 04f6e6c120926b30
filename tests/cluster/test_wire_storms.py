"""Everything that connects the nodes breaks again and again, and now and then a firewall lies about them."""

import os
import random
import time
from collections import Counter
from collections.abc import Callable

from harness import CLEAN, ROUND_ROBIN, Group, Machines, Server, Sessions, on, wait_until

pytestmark = on("postgresql", "mariadb", because="a file has no sessions")

SECONDS = float(os.environ.get("MI_WIRE_SECONDS", "20"))
"""How long it goes on; the variable makes it minutes."""
SEED = int(os.environ.get("MI_WIRE_SEED", "7"))
EVERY = 1.3
"""Seconds between two strokes: enough for a connection to count as settled, whose end is asked about at once."""
LIES = 4
"""Among how many strokes a firewall refuses until the next one."""
BUSY = 5.0
"""Seconds that a machine with much else to do may add."""
RecordProperty = Callable[[str, object], None]
ORPHANS = """
    SELECT f.TASK_NAME FROM MI_TASK_FENCE f
     WHERE f.GROUP_ID = 'default' AND NOT EXISTS (
           SELECT 1 FROM MI_NODE_LEASE l WHERE l.BOOT_ID = f.OWNER_BOOT_ID AND l.STATUS = 'ACTIVE')
"""
"""Tasks that nobody owns, or somebody whose lease is over."""


class Orphans:
    """Watches for how long any task is without an owner, as far as the looks show it."""

    def __init__(self, group: Group) -> None:
        self.longest = 0.0
        self._group = group
        self._since: dict[str, float] = {}

    def look(self) -> None:
        """Look at the tables now."""
        found = [task for (task,) in self._group.rows(ORPHANS)]
        now = time.monotonic()
        self._since = {task: self._since.get(task, now) for task in found}
        self.longest = max([self.longest, *(now - since for since in self._since.values())])


def test_sessions_killed_and_wires_reset_for_long_leave_no_task_alone_and_evict_no_process_twice(
    group: Group, server: Server, record_property: RecordProperty
) -> None:
    with Machines(group, 3, settings=ROUND_ROBIN, is_walled=True) as fleet:
        walls = fleet.walls
        fleet.deploy(9)
        fleet.start()
        fleet.wait_complete()
        assert group.database is not None
        chance, orphans = random.Random(SEED), Orphans(group)
        *liars, _ = sorted(walls)  # so that one wire is left to be reset when all others are withdrawn
        sessions = Sessions(server, group.database, chance)
        began, resets = time.monotonic(), 0
        for stroke in range(round(SECONDS / EVERY)):
            liar = chance.choice(liars) if stroke % LIES == LIES - 1 else None
            if liar:
                walls[liar].refuse()
            resets += sum(wall.reset() for wall in walls.values())
            sessions.kill_one()
            while time.monotonic() < began + (stroke + 1) * EVERY:
                orphans.look()
                time.sleep(0.1)
            if liar:
                walls[liar].heal()
        fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)
        fleet.wait_active()
        victims = Counter(fleet.evicted_alive())
        evicted = f"{victims.total()} of {len(fleet.homes)} evicted alive"
        record_property("seen", f"{sessions.killed} sessions killed, {resets} connections reset, {evicted}")
        assert max(victims.values(), default=0) <= 1, f"nobody is evicted alive twice: {victims}"
        assert Counter(name for name, _ in fleet.deaths()) == victims, "nobody else was evicted"
        assert orphans.longest < 2 + BUSY
        assert fleet.silence(began) < 2 + BUSY
        wait_until(lambda: fleet.books() == CLEAN, lambda: f"clean books: {fleet.books()}", within=5)
