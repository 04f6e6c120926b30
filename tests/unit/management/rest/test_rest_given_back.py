"""Who knows that a token was given back."""

import asyncio

import pytest

from micro_integrator.kit import MicroIntegratorError, wall_ms
from micro_integrator.management.rest import given_back as given_back_module
from micro_integrator.management.rest.given_back import GivenBack
from micro_integrator.management.rest.tokens import Ticket
from micro_integrator.observability import recorded_lines


class Group:
    """What the nodes know together; `is_away` = it does not answer."""

    def __init__(self) -> None:
        self.revoked: set[str] = set()
        self.is_away = False
        self.asked = 0

    async def revoke(self, token_id: str, expires_ms: int) -> None:
        await self._answer()
        self.revoked.add(token_id)

    async def is_revoked(self, token_id: str) -> bool:
        await self._answer()
        return token_id in self.revoked

    async def _answer(self) -> None:
        self.asked += 1
        await asyncio.sleep(0)
        if self.is_away:
            raise MicroIntegratorError("no connection")


def ticket(name: str = "one", lifetime: float = 60.0) -> Ticket:
    return Ticket("admin", is_admin=True, id=name, expires=wall_ms() / 1000 + lifetime)


@pytest.fixture
def moving_clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Monotonic time of the module, to be moved by hand."""
    now = [1000.0]
    monkeypatch.setattr(given_back_module, "boottime", lambda: now[0])
    return now


async def test_a_node_that_is_alone_remembers_what_it_was_told() -> None:
    given_back = GivenBack()
    assert await given_back.add(ticket("gone"))
    assert await given_back.has(ticket("gone"))
    assert not await given_back.has(ticket("kept"))


async def test_what_one_node_was_told_the_others_of_its_group_know() -> None:
    group = Group()
    one, other = GivenBack(group), GivenBack(group)
    assert await one.add(ticket())
    assert await other.has(ticket())
    assert not await other.has(ticket("another"))


async def test_the_group_is_asked_about_a_good_token_once_a_second_and_about_a_bad_one_never_again(
    moving_clock: list[float],
) -> None:
    group = Group()
    given_back = GivenBack(group)
    for _ in range(10):
        assert not await given_back.has(ticket())
    assert group.asked == 1
    group.revoked.add("one")
    moving_clock[0] += 1.1
    for _ in range(10):
        assert await given_back.has(ticket())
    assert group.asked == 2


async def test_many_calls_at_once_ask_the_group_once() -> None:
    group = Group()
    given_back = GivenBack(group)
    assert not any(await asyncio.gather(*(given_back.has(ticket()) for _ in range(50))))
    assert group.asked == 1


async def test_while_the_group_is_away_calls_go_on_and_it_is_left_alone_for_a_while(
    moving_clock: list[float],
) -> None:
    group = Group()
    given_back = GivenBack(group)
    group.is_away = True
    with recorded_lines() as lines:
        for number in range(10):
            assert not await given_back.has(ticket(f"token-{number}"))
        moving_clock[0] += given_back_module.PAUSE
        assert not await given_back.has(ticket())
    assert group.asked == 2
    assert len([text for text in lines.texts() if "The group does not answer (no connection)" in text]) == 1


async def test_a_group_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    group = Group()
    monkeypatch.setattr(group, "_answer", asyncio.Event().wait)
    monkeypatch.setattr(given_back_module, "LIMIT", 0.01)
    given_back = GivenBack(group)
    assert not await given_back.has(ticket())
    assert not await given_back.add(ticket())
    assert await given_back.has(ticket())


async def test_what_the_group_could_not_be_told_is_told_with_the_next_question(
    moving_clock: list[float],
) -> None:
    group = Group()
    given_back = GivenBack(group)
    group.is_away = True
    assert not await given_back.add(ticket("gone"))
    assert await given_back.has(ticket("gone"))
    group.is_away = False
    moving_clock[0] += given_back_module.PAUSE
    assert not await given_back.has(ticket("another"))
    assert group.revoked == {"gone"}


async def test_tokens_that_have_expired_are_forgotten() -> None:
    given_back = GivenBack()
    for number in range(100):
        await given_back.add(ticket(f"old-{number}", lifetime=-10))
    await given_back.add(ticket("new"))
    assert list(given_back._known) == ["new"]
