"""What the logs say about occurrences that did not reach the sink (coordination 8.6).

Every key is executed, counted as skipped, or named. A body that had begun and did not get as far as the sink is named
too: it has failed, was cut short, or went on when the next one began and died with its process. Going on is an account
only in the log of a life that was killed: in any other, the body has come to an end and reached the sink, or is named
for something else.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

_SKIPPED = re.compile(r"Skipped (\d+) occurrence\(s\) of task \[(.+?)\] between (\d+) and (\d+)")
_NOT_STARTED = re.compile(r"Occurrence (\d+) of task \[(.+?)\] was claimed and not started")
_GOING_ON = re.compile(r"Occurrence (\d+) of task \[(.+?)\] goes on while the next one is claimed")
_CUT_SHORT = re.compile(r"Occurrence (\d+) of task \[(.+?)\] began and was cut short")
_FAILED = re.compile(r"Error in executing task: \[ESB_TASK\]\[(?P<task>.+?)\] key (?P<key>\d+): ")
_NOT_KNOWN = re.compile(
    r"Occurrence (\d+) of task \[(.+?)\] was claimed by \[.+?\]; not known to have finished"
)
_IN_ANY_LIFE = (_NOT_STARTED, _CUT_SHORT, _NOT_KNOWN)


@dataclass(frozen=True, slots=True)
class LifeLog:
    """What one life of a node has printed so far."""

    text: str
    was_killed: bool
    """Whether it has ended by SIGKILL."""


def named_keys(logs: Iterable[LifeLog], task: str) -> set[int]:
    """Return the ordinals of an interval task that `logs` count as skipped or name."""
    return set(all_named_keys(logs, {task})[task])


def all_named_keys(logs: Iterable[LifeLog], tasks: Collection[str]) -> Mapping[str, set[int]]:
    """Return the same for each of `tasks`, which may be many: each log is read once."""
    wanted, named = frozenset(tasks), defaultdict[str, set[int]](set)
    for log in logs:
        text = _about_keys(log.text)
        for line in (*_IN_ANY_LIFE, _GOING_ON) if log.was_killed else _IN_ANY_LIFE:
            for key, task in line.findall(text):
                named[task].add(int(key))
        for found in _FAILED.finditer(text):
            named[found["task"]].add(int(found["key"]))
        for count, task, first, last in _SKIPPED.findall(text):
            if task in wanted:  # a key of a cron task is a moment: the keys between two of them were none
                skipped = range(int(first), int(last) + 1)
                assert len(skipped) == int(count), (
                    f"the line counts wrongly: {count} between {first} and {last}"
                )
                named[task].update(skipped)
    return named


def _about_keys(text: str) -> str:
    """Leave out what no expression above could match: the log of a storm has millions of characters."""
    return "\n".join(line for line in text.splitlines() if "ccurrence" in line or " key " in line)
