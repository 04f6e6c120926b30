"""What the log says about occurrences that did not reach the sink (coordination 8.6).

Every key is executed, counted as skipped, or named. A body that had begun and did not get as far as the sink is named
too: it has failed, was cut short, or went on when the next one began and died with its process.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping

_SKIPPED = re.compile(r"Skipped (\d+) occurrence\(s\) of task \[(.+?)\] between (\d+) and (\d+)")
_NOT_STARTED = re.compile(r"Occurrence (\d+) of task \[(.+?)\] was claimed and not started")
_GOING_ON = re.compile(r"Occurrence (\d+) of task \[(.+?)\] goes on while the next one is claimed")
_CUT_SHORT = re.compile(r"Occurrence (\d+) of task \[(.+?)\] began and was cut short")
_FAILED = re.compile(r"Error in executing task: \[ESB_TASK\]\[(?P<task>.+?)\] key (?P<key>\d+): ")
_NOT_KNOWN = re.compile(
    r"Occurrence (\d+) of task \[(.+?)\] was claimed by \[.+?\]; not known to have finished"
)


def named_keys(log: str, task: str) -> set[int]:
    """Return the ordinals of an interval task that `log` counts as skipped or names."""
    return set(all_named_keys(log, {task})[task])


def all_named_keys(log: str, tasks: Collection[str]) -> Mapping[str, set[int]]:
    """Return the same for each of `tasks`, which may be many: the log is read once."""
    wanted, named = frozenset(tasks), defaultdict[str, set[int]](set)
    for line in (_NOT_STARTED, _GOING_ON, _CUT_SHORT, _NOT_KNOWN):
        for key, task in line.findall(log):
            named[task].add(int(key))
    for found in _FAILED.finditer(log):
        named[found["task"]].add(int(found["key"]))
    for count, task, first, last in _SKIPPED.findall(log):
        if task in wanted:  # a key of a cron task is a moment: the keys between two of them were none
            skipped = range(int(first), int(last) + 1)
            assert len(skipped) == int(count), f"the line counts wrongly: {count} between {first} and {last}"
            named[task].update(skipped)
    return named
