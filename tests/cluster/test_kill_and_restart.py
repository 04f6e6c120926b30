"""One node, killed without a word and started again."""

import random
import time

from harness import CLEAN, DEFAULT_LEASE, Fleet, Group, on, task_xml

TASKS = tuple(f"beat-{number:02}" for number in range(12))
LIVES = 20
LONGEST_LIFE, LONGEST_REST = 0.8, 0.6
"""Seconds from the first fires of a life to its end, and from there to the next; both are drawn each time."""
MISSED = 3.0
"""Seconds in which several occurrences of each task pass."""


def test_a_node_killed_twenty_times_repeats_no_key_and_accounts_for_every_missing_one(group: Group) -> None:
    home, sink = group.home(), group.sink
    for task in TASKS:
        home.deploy(task, task_xml(task, every=1))
    moment = random.Random(20)
    for _ in range(LIVES):
        node = home.begin()
        sink.wait_for_more(len(TASKS) // 2)
        time.sleep(moment.uniform(0, LONGEST_LIFE))
        node.kill()
        time.sleep(moment.uniform(0, LONGEST_REST))
    home.begin()
    sink.wait_for_more(2 * len(TASKS))

    assert sink.duplicates() == []
    assert any(sink.gaps(task) for task in TASKS), "twenty restarts cost occurrences"
    for task in TASKS:
        assert sink.stale(task) == []
        assert group.unaccounted(task) == set(), group.log()


@on("postgresql", "mariadb", because="the statement is seen on its way to a server")
def test_killed_with_the_claim_that_passes_over_keys_a_node_has_named_them(group: Group) -> None:
    with Fleet(group, 1, settings=DEFAULT_LEASE) as fleet:
        fleet.deploy(40)
        fleet.start()
        [home] = fleet.homes
        for _ in range(3):
            [*_, node] = home.lives
            node.freeze()
            time.sleep(MISSED)
            claim = fleet.proxies[home.name].hold_reply(b"MI_TASK_FENCE", b"LAST_FIRE_AT")
            node.thaw()
            claim.wait_caught()
            node.kill()
            claim.release()
            home.start()
            fleet.wait_fired(fleet.tasks, since=time.monotonic(), count=2)
        assert fleet.books() == CLEAN
