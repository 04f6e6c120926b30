"""Places for messages: taken at once or waited for, in turn, and never lost."""

import asyncio

from micro_integrator.synapse.places import Places


async def test_a_place_given_back_goes_to_who_waited_longest() -> None:
    places, order = Places(1), list[str]()
    assert places.take_now()

    async def wait(name: str) -> None:
        await places.take()
        order.append(name)

    works = [asyncio.ensure_future(wait(name)) for name in ("first", "second")]
    await asyncio.sleep(0)
    places.give_back()
    await works[0]
    assert order == ["first"]
    assert not places.take_now(), "nobody overtakes who waits"
    places.give_back()
    await works[1]
    places.give_back()
    assert places.take_now()


async def test_a_place_is_not_lost_with_who_gives_up_waiting() -> None:
    places = Places(1)
    assert places.take_now()
    impatient, patient = (asyncio.ensure_future(places.take()) for _ in range(2))
    await asyncio.sleep(0)
    impatient.cancel()
    places.give_back()
    await asyncio.wait([impatient])
    await patient


async def test_a_place_given_in_the_moment_of_giving_up_goes_on() -> None:
    places = Places(1)
    assert places.take_now()
    impatient = asyncio.ensure_future(places.take())
    await asyncio.sleep(0)
    places.give_back()
    impatient.cancel()
    await asyncio.wait([impatient])
    assert places.take_now()
