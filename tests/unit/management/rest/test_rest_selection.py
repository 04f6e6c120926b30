"""Which rows of a list are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.management.rest.refusal import Refused
from micro_integrator.management.rest.selection import listed

ROWS = [{"name": name} for name in ("Billing", "orders", "orders-failed", "Reorder")]


def test_all_rows_are_shown_without_a_wish() -> None:
    assert listed(ROWS, {}) == {"count": 4, "list": ROWS}


def test_a_search_finds_the_text_anywhere_in_the_name_and_in_any_case() -> None:
    assert [row["name"] for row in listed(ROWS, {"searchKey": "ORDER"})["list"]] == [
        "orders",
        "orders-failed",
        "Reorder",
    ]


def test_the_count_is_that_of_all_rows_found_whatever_page_is_shown() -> None:
    shown = listed(ROWS, {"searchKey": "order", "offset": "1", "limit": "1"})
    assert shown == {"count": 3, "list": [{"name": "orders-failed"}]}


@pytest.mark.parametrize("text", ["-1", "one", "1.5", "9" * 5000, "²"])
def test_a_page_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        listed(ROWS, {"limit": text})
    assert refused.value.status == 400


@given(st.integers(0, 10), st.integers(1, 10))
def test_pages_together_are_the_whole_list(count: int, size: int) -> None:
    rows = [{"name": str(number)} for number in range(count)]
    pages = [listed(rows, {"offset": str(at), "limit": str(size)})["list"] for at in range(0, count, size)]
    assert [row for page in pages for row in page] == rows
