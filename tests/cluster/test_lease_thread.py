"""The lease does not depend on what bodies do to the event loop."""

from harness import Group, task_xml, wait_until

BLOCKER = """
import time

class Blocker:
    seconds = 1.0

    async def execute(self):
        time.sleep(self.seconds)
"""
BLOCKED, RENEWALS = 20, 5
"""Seconds: longer than a lease of 15 s, shorter than the two leases after which a stuck node must lose its tasks;
and how many renewals, one every 3 s at the latest, must come meanwhile."""
NORMAL = {"cluster_config": {"heart_beat_interval": 5000, "heart_beat_max_retry": 3}}


def test_a_body_that_blocks_the_event_loop_longer_than_the_lease_does_not_cost_it(
    group: Group,
) -> None:
    home, sink = group.home(settings=NORMAL), group.sink
    home.add_module("blocker", BLOCKER)
    home.deploy("beat", task_xml("beat", every=1))
    node = home.start()
    sink.wait_for(1, "beat")
    before = _lease(group)
    home.deploy("blocker", task_xml("blocker", once=True, task_class="blocker:Blocker", seconds=BLOCKED))
    group.wait_for_row("blocker", lambda row: row.last_state == "CLAIMED")
    claimed = _lease(group)[1]
    wait_until(
        lambda: _lease(group)[1] >= claimed + RENEWALS, "renewals while a body blocks the loop", BLOCKED
    )
    row = group.row("blocker")
    assert row is not None
    assert row.last_state == "CLAIMED", "the renewals came while the body ran"
    group.wait_for_row("blocker", lambda row: row.state == "COMPLETED")
    sink.wait_for_more(2, "beat")
    assert _lease(group)[0] == before[0]
    assert not node.lines("Lease of node [node-1] expired")
    assert group.unaccounted("beat") == set(), node.log()
    assert sink.duplicates() == []


def _lease(group: Group) -> tuple[str, int]:
    boot_id, renew_seq = group.rows("SELECT BOOT_ID, RENEW_SEQ FROM MI_NODE_LEASE")[0]
    return boot_id, renew_seq
