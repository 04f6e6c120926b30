"""Runs the program that plays HTTP cases, and notices the case at which it stops."""

import os
import re
import selectors
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from conformance.corpus import Row

CASE_LIMIT = 120.0
"""Seconds a case may take beyond what it says itself; few take more than one."""

MOST_WAITING = 600.0
"""Seconds that a case may say it waits itself."""

_LINE = re.compile(r"(PASS|FAIL) (.+) \(\d+\.\d+s\)(?:  (.*))?")
"""What the player prints of every case it has played."""
_LAST_LINE = re.compile(r"\d+ passed, \d+ failed\s*$")
_ENOUGH = 600
"""How many of the player's last characters tell why it ended."""

Outcome = tuple[Literal["pass", "fail"], str]


@dataclass
class Played:
    """What a player has printed until its end, or until its patience with a case was over."""

    rest: list[Row]
    """The cases that it has not played."""
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    """Id of a case → outcome and reason, which may be cut short."""
    is_whole: bool = False
    """Whether it came to its end, so that its report is whole."""
    stopped_by: str | None = None
    """The case it hung at or ended with."""
    is_hopeless: bool = False
    """Whether it ended before it played anything."""
    ending: str = ""
    """Why it stopped."""

    def patience(self) -> float:
        """Return the seconds that the next case may take."""
        return allowance(self.rest[0]) if self.rest else CASE_LIMIT

    def note(self, line: str) -> bool:
        """Note what a line says of a case; returns whether it is about one."""
        found = _LINE.fullmatch(line)
        names = [case["id"] for case in self.rest]
        if found is None or found[2] not in names:
            return False
        self.outcomes[found[2]] = ("pass" if found[1] == "PASS" else "fail", found[3] or "")
        self.rest = self.rest[names.index(found[2]) + 1 :]
        return True

    def stop(self, ending: str, *, is_hopeless: bool = False) -> "Played":
        """Note that it stopped at the case that would have been next, and why."""
        self.ending, self.is_hopeless = ending, is_hopeless
        self.stopped_by = self.rest[0]["id"] if self.rest else None
        return self


def play(command: Sequence[str | Path], cases: Sequence[Row], goes_on: Callable[[], bool]) -> Played:
    """Run the player until it ends, or until one of `cases`, which it plays in this order, takes too long.

    `goes_on` is asked after each case that failed, whether the rest may be played on the same server.
    """
    player = subprocess.Popen(
        [sys.executable, "-u", *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert player.stdout is not None
    with player.stdout as output:
        try:
            return _watched(output.fileno(), player, cases, goes_on)
        finally:
            player.kill()
            player.wait()


def allowance(case: Row) -> float:
    """Return the seconds a case may take: the usual ones, and those that it says it waits."""
    waits = [
        *(action.get("sleep_ms", 0) for step in case["steps"] for action in step.get("before", [])),
        *(step.get("client_timeout_ms", 0) * step.get("repeat", 1) for step in case["steps"]),
    ]
    return CASE_LIMIT + min(float(sum(waits)) / 1000, MOST_WAITING)


def _watched(
    output: int, player: subprocess.Popen[bytes], cases: Sequence[Row], goes_on: Callable[[], bool]
) -> Played:
    played, tail = Played(list(cases)), ""
    for line in _lines(output, played.patience):
        if line is None:
            return played.stop(f"took longer than {played.patience():g} s")
        tail = f"{tail}\n{line}"[-_ENOUGH:]
        if played.note(line) and line.startswith("FAIL") and played.rest and not goes_on():
            return played
    code = player.wait(CASE_LIMIT)
    if _LAST_LINE.search(tail):
        played.is_whole, played.ending = True, f"the player did not play this case:{tail}"
        return played
    return played.stop(f"the player ended with {code}:{tail}", is_hopeless=not played.outcomes)


def _lines(output: int, patience: Callable[[], float]) -> Iterator[str | None]:
    """Yield lines as they come, and None when the next one is not there after `patience` seconds."""
    said = b""
    with selectors.DefaultSelector() as selector:
        selector.register(output, selectors.EVENT_READ)
        while True:
            if not selector.select(patience()):
                yield None
            elif chunk := os.read(output, 65536):
                *lines, said = (said + chunk).split(b"\n")
                yield from (line.decode("utf-8", "replace") for line in lines)
            else:
                yield said.decode("utf-8", "replace")
                return
