"""Several attempts to open one connection: who waits for whom, and what becomes of the others."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from micro_integrator.database import hedge
from micro_integrator.database.hedge import MOST_ATTEMPTS, hedged


class Door:
    """Attempts that stay closed until the test opens or refuses one of them, by its number from 0."""

    def __init__(self) -> None:
        self.knocks: list[asyncio.Future[str]] = []
        self.discarded: list[str] = []

    async def attempt(self) -> str:
        knock: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.knocks.append(knock)
        return await knock

    async def knocked(self, times: int) -> None:
        while len(self.knocks) < times:
            await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hedge, "HEDGE_AFTER", 0.001)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    made = Door()
    yield made
    for knock in made.knocks:
        knock.cancel()


async def test_an_attempt_that_is_not_answered_holds_up_nobody(door: Door) -> None:
    opening = asyncio.ensure_future(hedged(door.attempt, door.discarded.append))
    await door.knocked(2)
    door.knocks[1].set_result("second")
    assert await opening == "second"
    assert door.discarded == []
    await asyncio.sleep(0)
    assert all(knock.done() for knock in door.knocks)


async def test_an_old_attempt_keeps_its_time_and_the_newest_makes_room(door: Door) -> None:
    opening = asyncio.ensure_future(hedged(door.attempt, door.discarded.append))
    await door.knocked(MOST_ATTEMPTS + 2)
    assert [knock.cancelled() for knock in door.knocks[: MOST_ATTEMPTS + 1]] == [
        *[False] * (MOST_ATTEMPTS - 1),
        *[True] * 2,
    ]
    door.knocks[0].set_result("first")
    assert await opening == "first"


async def test_a_single_refusal_is_told_at_once_and_one_of_several_is_passed_over(door: Door) -> None:
    opening = asyncio.ensure_future(hedged(door.attempt, door.discarded.append))
    await door.knocked(1)
    door.knocks[0].set_exception(ConnectionRefusedError())
    with pytest.raises(ConnectionRefusedError):
        await opening

    opening = asyncio.ensure_future(hedged(door.attempt, door.discarded.append))
    await door.knocked(3)
    door.knocks[2].set_exception(ConnectionRefusedError())
    await asyncio.sleep(0)
    door.knocks[1].set_result("slow")
    assert await opening == "slow"


async def test_what_two_attempts_open_at_once_is_used_once_and_discarded_once(door: Door) -> None:
    opening = asyncio.ensure_future(hedged(door.attempt, door.discarded.append))
    await door.knocked(2)
    for name, knock in zip(("one", "other"), door.knocks, strict=False):
        knock.set_result(name)
    used = await opening
    await asyncio.sleep(0)
    assert {used, *door.discarded} == {"one", "other"}


async def test_who_is_cancelled_while_the_others_end_parts_with_what_was_opened() -> None:
    is_asked_to_end, may_end = asyncio.Event(), asyncio.Event()
    discarded: list[str] = []
    numbers = iter(range(2))

    async def attempt() -> str:
        if next(numbers):
            return "second"
        try:
            await may_end.wait()
        except asyncio.CancelledError:
            is_asked_to_end.set()
            await may_end.wait()
            raise
        return "first"

    opening = asyncio.ensure_future(hedged(attempt, discarded.append))
    await is_asked_to_end.wait()
    assert not opening.done()
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert discarded == ["second"]
    may_end.set()


async def test_who_gives_up_leaves_no_attempt_behind(door: Door) -> None:
    opening = asyncio.ensure_future(hedged(door.attempt, door.discarded.append))
    await door.knocked(2)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    assert all(knock.cancelled() for knock in door.knocks)
    assert asyncio.all_tasks() == {asyncio.current_task()}, "nothing is left for a loop that ends now"
