"""How many passwords somebody can try."""

from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.management.rest.throttle import Throttle

ADMIN = ("admin", "192.0.2.7")


def test_the_fifth_failure_within_a_minute_closes_the_door_for_a_minute() -> None:
    throttle = Throttle()
    assert [throttle.failed(ADMIN, now) for now in (0, 10, 20, 30, 40)] == [False, False, False, False, True]
    assert throttle.seconds_closed(ADMIN, 40) == 60
    assert throttle.seconds_closed(ADMIN, 99) == 1
    assert throttle.seconds_closed(ADMIN, 100) == 0


def test_failures_that_lie_far_apart_do_not_add_up() -> None:
    throttle = Throttle()
    assert not any(throttle.failed(ADMIN, now) for now in range(0, 1000, 20))


def test_a_right_password_makes_the_wrong_ones_forgotten() -> None:
    throttle = Throttle()
    for now in range(4):
        throttle.failed(ADMIN, now)
    throttle.succeeded(ADMIN)
    assert not throttle.failed(ADMIN, 5)


def test_neither_another_user_nor_another_address_is_kept_out() -> None:
    throttle = Throttle()
    for now in range(5):
        throttle.failed(ADMIN, now)
    assert throttle.seconds_closed(("nora", "192.0.2.7"), 5) == 0
    assert throttle.seconds_closed(("admin", "192.0.2.8"), 5) == 0


def test_invented_names_cost_no_memory_and_free_nobody_who_was_just_closed_out() -> None:
    throttle = Throttle(remembered=100)
    for number in range(1000):
        throttle.failed((f"user-{number}", "192.0.2.7"), 0)
    for _ in range(5):
        throttle.failed(ADMIN, 1)
    for number in range(99):
        throttle.failed((f"more-{number}", "192.0.2.7"), 2)
    assert throttle.seconds_closed(ADMIN, 2) > 0
    assert len(throttle._failures) == 100


@given(st.lists(st.floats(0, 30), min_size=1, max_size=200))
def test_nobody_gets_more_than_five_guesses_in_any_minute(pauses: list[float]) -> None:
    throttle, now, guesses = Throttle(), 0.0, []
    for pause in pauses:
        now += pause
        if throttle.seconds_closed(ADMIN, now) == 0:
            guesses.append(now)
            throttle.failed(ADMIN, now)
    assert all(sum(begin <= one and one - begin < 60 for one in guesses) <= 5 for begin in guesses)
