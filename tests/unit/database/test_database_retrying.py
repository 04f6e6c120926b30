"""Statements that the database turned away are sent again, with pauses, but not for ever."""

import pytest

from micro_integrator.database import LostRace, Retryable, retrying


class Pauses:
    """A clock that does not wait."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    def now(self) -> float:
        return sum(self.taken)

    async def sleep(self, seconds: float) -> None:
        self.taken.append(seconds)


class Action:
    """Fails as often as told, then answers."""

    def __init__(self, failures: int, error: type[Exception] = Retryable) -> None:
        self.failures, self.error, self.calls = failures, error, 0

    async def __call__(self) -> str:
        self.calls += 1
        if self.calls <= self.failures:
            raise self.error("busy")
        return "done"


@pytest.mark.parametrize("failures", [0, 1, 4])
async def test_it_succeeds_as_soon_as_the_database_lets_it(failures: int) -> None:
    pauses, action = Pauses(), Action(failures)
    assert await retrying(action, pauses) == "done"
    assert len(pauses.taken) == failures


async def test_after_five_attempts_the_caller_is_told() -> None:
    pauses, action = Pauses(), Action(99)
    with pytest.raises(Retryable):
        await retrying(action, pauses)
    assert action.calls == 5
    assert all(0 < pause <= 0.5 for pause in pauses.taken)


async def test_other_errors_are_not_repeated() -> None:
    action = Action(99, LostRace)
    with pytest.raises(LostRace):
        await retrying(action, Pauses())
    assert action.calls == 1
