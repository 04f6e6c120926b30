"""One node, killed without a word and started again, twenty times: every key is executed, skipped and counted, or named."""

import random
import time

from harness import Group, named_keys, task_xml

TASKS = ("beat-a", "beat-b", "beat-c", "beat-d")
LIVES = 20
LONGEST_LIFE = 1.2
"""Seconds from the first fires of a life to its end; the moment is drawn for each."""


def test_a_node_killed_twenty_times_repeats_no_key_and_accounts_for_every_missing_one(group: Group) -> None:
    home, sink = group.home(), group.sink
    for task in TASKS:
        home.deploy(task, task_xml(task, every=1))
    moment = random.Random(20)
    for _ in range(LIVES):
        node = home.begin()
        sink.wait_for_more(2)
        time.sleep(moment.uniform(0, LONGEST_LIFE))
        node.kill()
    node = home.begin()
    fires = sink.wait_for_more(2 * len(TASKS))
    node.stop()

    assert len(fires) > LIVES * 2
    assert sink.duplicates() == []
    log = home.log()
    for task in TASKS:
        assert sink.stale(task) == []
        assert set(sink.gaps(task)) <= named_keys(log, task), f"unaccounted keys of {task}:\n{log}"
