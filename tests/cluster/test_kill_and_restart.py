"""One node, killed without a word and started again, twenty times."""

import random
import time

from harness import Group, task_xml

TASKS = tuple(f"beat-{number:02}" for number in range(12))
LIVES = 20
LONGEST_LIFE, LONGEST_REST = 0.8, 0.6
"""Seconds from the first fires of a life to its end, and from there to the next; both are drawn each time."""


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
