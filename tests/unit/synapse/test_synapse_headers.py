"""Headers: in any case, in their order, and repeated ones with all their values."""

from collections.abc import Callable

import pytest

from micro_integrator.synapse import Headers

COOKIES = [("Set-Cookie", "a=1"), ("Vary", "Origin"), ("set-cookie", "b=2")]


def test_a_name_that_came_twice_has_its_first_value_and_goes_out_with_all() -> None:
    headers = Headers(COOKIES)
    assert headers["SET-COOKIE"] == "a=1"
    assert sorted(headers.fields()) == sorted(COOKIES)
    assert len(headers) == 2


CHANGES: list[Callable[[Headers], object]] = [
    lambda headers: headers.remove("set-cookie"),
    lambda headers: headers.pop("Set-Cookie"),
    lambda headers: headers.update({"Set-Cookie": "c=3"}),
    lambda headers: headers.clear(),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_header_that_is_set_or_removed_takes_its_further_values_along(
    change: Callable[[Headers], object],
) -> None:
    headers = Headers(COOKIES)
    change(headers)
    assert ("set-cookie", "b=2") not in list(headers.fields())


def test_a_copy_does_not_change_with_its_original() -> None:
    headers = Headers(COOKIES)
    copied = headers.copy()
    headers.remove("Set-Cookie")
    headers["Vary"] = "Accept"
    assert sorted(copied.fields()) == sorted(COOKIES)
