"""Adversaries between the nodes and the database."""

from collections.abc import Sequence
from random import Random
from typing import Any

from model.network import PROMPT, Fate, Post


class Kind:
    """Does no harm; statements take a moment, a little longer each way for some."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def statement(self, process: str, text: str, parameters: Sequence[Any]) -> Fate:
        """See Adversary."""
        return Fate(request=self._random.uniform(0.0005, 0.005), answer=self._random.uniform(0.0005, 0.005))

    def connection(self, process: str) -> Fate:
        """See Adversary."""
        return PROMPT

    def hint(self, chance: Random) -> Post:
        """See Adversary."""
        return Post(arrivals=(chance.uniform(0.0005, 0.005),))


class Moody:
    """Harms each statement in which `target` occurs with probability `rate`, until told to rest; hints likewise."""

    def __init__(self, random: Random, rate: float, target: str, window: float, hint_rate: float) -> None:
        self._rate, self._target, self._hint_rate = rate, target, hint_rate
        self._random, self._window = random, window
        self._kind = Kind(random)

    def statement(self, process: str, text: str, parameters: Sequence[Any]) -> Fate:
        """See Adversary."""
        if self._target not in text or self._random.random() >= self._rate:
            return self._kind.statement(process, text, parameters)
        chance = self._random
        late = chance.choice((0.3, 1.0, 2.5)) * self._window
        before, after = chance.uniform(0.0, 0.3), chance.uniform(0.0, 0.3)
        return chance.choice(
            (
                Fate("slow request", request=chance.uniform(0.0, late)),
                Fate("slow answer", answer=chance.uniform(0.0, late)),
                Fate("lost answer", request=before, is_answered=False, reset=before + after),
                Fate("silent answer", request=before, is_answered=False),
                Fate("lost request", is_executed=False, is_answered=False, reset=after),
                Fate("silent request", is_executed=False, is_answered=False),
                Fate("executed late", request=chance.uniform(0.0, late), is_answered=False, reset=before),
                Fate("executed twice", request=before, again=chance.uniform(0.0, late)),
                Fate("twice and late", request=before, is_answered=False, again=chance.uniform(0.0, late)),
            )
        )

    def rest(self) -> None:
        """Do no more harm."""
        self._rate = self._hint_rate = 0.0

    def connection(self, process: str) -> Fate:
        """See Adversary."""
        if self._random.random() >= self._rate / 2:
            return self._kind.connection(process)
        return self._random.choice(
            (
                Fate("refused connection", is_executed=False),
                Fate("silent connection", is_answered=False),
                Fate("slow connection", request=self._random.uniform(0.0, self._window)),
            )
        )

    def hint(self, chance: Random) -> Post:
        """See Adversary."""
        if chance.random() >= self._hint_rate:
            return self._kind.hint(chance)
        late, later = chance.uniform(0.0, self._window), chance.uniform(0.0, self._window)
        return chance.choice(
            (Post("lost hint"), Post("late hint", (late,)), Post("hint twice", (0.001, late, later)))
        )
