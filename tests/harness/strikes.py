"""Which fault hits whom and when: chosen by a seed alone, so that a run can be repeated."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of fault: what it hits, and how long it lasts at least and at most, in lease windows.

    Of a node that is its process (`node`), its main `loop`, its wall `clock`, the `proxy` before its database,
    the `wire` on which the others call it, or its `LOOKs`; of the database its `server` or the `server clock`.
    """

    victim: str
    shortest: float = 0.0
    longest: float = 0.0


KINDS = {
    "kill": Kind("node", 0.1, 1.0),
    "stop": Kind("node", 0.1, 1.0),
    "freeze": Kind("node", 0.2, 3.0),
    "block": Kind("loop", 0.2, 3.0),
    "clock": Kind("clock", 0.5, 3.0),
    "delay": Kind("proxy", 0.2, 2.0),
    "black hole": Kind("proxy", 0.2, 3.0),
    "stall": Kind("proxy", 0.1, 2.0),
    "refuse": Kind("proxy", 0.2, 1.0),
    "reset": Kind("proxy"),
    "held reply": Kind("proxy", 0.2, 1.5),
    "held request": Kind("proxy", 0.2, 1.5),
    "session": Kind("server"),
    "server freeze": Kind("server", 0.1, 1.5),
    "server crash": Kind("server", 0.0, 0.5),
    "server restart": Kind("server", 0.0, 0.5),
    "server clock": Kind("server clock", 0.5, 3.0),
    "wire delay": Kind("wire", 0.2, 2.0),
    "wire black hole": Kind("wire", 0.2, 3.0),
    "wire stall": Kind("wire", 0.1, 2.0),
    "wire refuse": Kind("wire", 0.2, 1.0),
    "wire reset": Kind("wire"),
    "wire lie": Kind("wire", 0.1, 0.5),
    "LOOKs dropped": Kind("LOOKs", 2.0, 6.0),
    "LOOKs delayed": Kind("LOOKs", 2.0, 6.0),
    "LOOKs doubled": Kind("LOOKs", 2.0, 6.0),
}
"""A `wire lie` resets the connections to a living node and refuses new ones: to the others it is dead."""


@dataclass(frozen=True)
class Strike:
    """One fault: `at` and `lasts` in seconds, `force` from 0 to 1 for kinds that may be weak or strong."""

    at: float
    kind: str
    victim: str
    lasts: float
    force: float

    @property
    def target(self) -> tuple[str, str]:
        """What is hit; it is spared while an earlier strike on it lasts."""
        return KINDS[self.kind].victim, self.victim

    def __str__(self) -> str:
        return f"{self.at:6.2f} s  {self.kind} of {self.victim} for {self.lasts:.2f} s"


def plan(
    seed: int,
    seconds: float,
    victims: Mapping[str, Sequence[str]],
    kinds: Sequence[str],
    *,
    window: float,
    every: float,
) -> list[Strike]:
    """Return the strikes within `seconds`, one each `every` seconds on average.

    `victims`: what is there to be hit → names; kinds without a victim are left out.
    """
    chance = random.Random(seed)
    possible = [(kind, name) for kind in kinds for name in victims.get(KINDS[kind].victim, ())]
    assert possible, f"nothing can be hit by {kinds}"
    strikes: list[Strike] = []
    free_at: dict[tuple[str, str], float] = {}
    at = chance.expovariate(1 / every)
    while at < seconds:
        strike = _strike(at, possible, window, chance)
        if free_at.get(strike.target, 0.0) <= at:
            strikes.append(strike)
            free_at[strike.target] = at + strike.lasts
        at += chance.expovariate(1 / every)
    return strikes


def _strike(at: float, possible: Sequence[tuple[str, str]], window: float, chance: random.Random) -> Strike:
    # first the kind: one that can hit many is not more likely for it
    kind = chance.choice(sorted({kind for kind, _ in possible}))
    victim = chance.choice([name for each, name in possible if each == kind])
    lasts = window * chance.uniform(KINDS[kind].shortest, KINDS[kind].longest)
    return Strike(round(at, 3), kind, victim, round(lasts, 3), round(chance.random(), 3))
