"""What the log says about occurrences that did not reach the sink (coordination 8.6).

Every key is executed, counted as skipped, or named. A body that had begun and did not get as far as the sink is named
too: it has failed, or was cut short.
"""

import re

_SKIPPED = re.compile(r"Skipped (\d+) occurrence\(s\) of task \[(.+?)\] between (\d+) and (\d+)")
_NOT_STARTED = re.compile(r"Occurrence (\d+) of task \[(.+?)\] was claimed and not started")
_CUT_SHORT = re.compile(r"Occurrence (\d+) of task \[(.+?)\] began and was cut short")
_FAILED = re.compile(r"Error in executing task: \[ESB_TASK\]\[(?P<task>.+?)\] key (?P<key>\d+): ")
_NOT_KNOWN = re.compile(
    r"Occurrence (\d+) of task \[(.+?)\] was claimed by \[.+?\]; not known to have finished"
)


def named_keys(log: str, task: str) -> set[int]:
    """Return the ordinals of an interval task that `log` counts as skipped or names."""
    lines = (_NOT_STARTED, _CUT_SHORT, _NOT_KNOWN)
    named = {int(key) for line in lines for key, name in line.findall(log) if name == task}
    named |= {int(found["key"]) for found in _FAILED.finditer(log) if found["task"] == task}
    for count, name, first, last in _SKIPPED.findall(log):
        if name == task:
            skipped = range(int(first), int(last) + 1)
            assert len(skipped) == int(count), f"the line counts wrongly: {count} between {first} and {last}"
            named.update(skipped)
    return named
