"""The harness takes a log line for the account of a key only where it is one."""

import pytest
from harness.accounts import LifeLog, all_named_keys, named_keys

GOING_ON = "[...]  INFO {TaskFence} - Occurrence 4 of task [beat] goes on while the next one is claimed\n"
NAMED = """
[...]  WARN {TaskFence} - Occurrence 1 of task [beat] was claimed and not started
[...]  WARN {TaskFence} - Occurrence 2 of task [beat] began and was cut short
[...]  WARN {TaskFence} - Occurrence 3 of task [beat] was claimed by [node-1]; not known to have finished
[...] ERROR {Task} - Error in executing task: [ESB_TASK][beat] key 5: the sink said no
[...]  INFO {TaskFence} - Skipped 3 occurrence(s) of task [beat] between 7 and 9
"""


def test_a_body_that_went_on_is_accounted_for_by_the_log_of_a_killed_life_alone() -> None:
    assert named_keys([LifeLog(GOING_ON, was_killed=True)], "beat") == {4}
    assert named_keys([LifeLog(GOING_ON, was_killed=False)], "beat") == set()
    assert named_keys([LifeLog(GOING_ON, was_killed=False), LifeLog("", was_killed=True)], "beat") == set()


@pytest.mark.parametrize("was_killed", [False, True])
def test_every_other_line_counts_in_any_life(was_killed: bool) -> None:
    logs = [LifeLog(NAMED, was_killed), LifeLog(NAMED.replace("beat", "quiet"), was_killed)]
    named = all_named_keys(logs, {"beat"})
    assert named["beat"] == {1, 2, 3, 5, 7, 8, 9}
    assert named["quiet"] == {1, 2, 3, 5}, (
        "keys of a task that is not asked for may be moments: none lie between"
    )
