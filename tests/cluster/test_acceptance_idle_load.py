"""What members ask of the database while nothing happens (A14 of the acceptance, without a wire)."""

import time

from harness import DEFAULT_LEASE, Fleet, Group, Server, on, task_xml
from harness.loads import statements

pytestmark = on("postgresql", "mariadb", because="a file counts no statements")

MOST_PER_SECOND = 4.0
"""Statements per second and member at the default heart-beat."""
WATCHED = 20.0
CALM = 5.0
"""Seconds until what joining has caused is over."""
SELDOM = "0 0 3 1 1 ?"


def test_an_idle_member_sends_at_most_four_statements_per_second(group: Group, server: Server) -> None:
    with Fleet(group, 3, settings=DEFAULT_LEASE) as fleet:
        for number in range(20):
            group.deploy(f"task-{number}", task_xml(f"task-{number}", cron=SELDOM))
        fleet.start()
        for number in range(20):
            group.wait_for_row(f"task-{number}", lambda row: row.state == "RUNNING")
        time.sleep(CALM)
        assert group.database is not None
        before, began = statements(server, group.database), time.monotonic()
        time.sleep(WATCHED)
        sent = statements(server, group.database) - before
        per_member = sent / (time.monotonic() - began) / len(fleet.homes)
        assert 1 < per_member <= MOST_PER_SECOND
