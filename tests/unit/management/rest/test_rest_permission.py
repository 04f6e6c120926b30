"""Who may do what, and which pages may ask."""

import pytest

from micro_integrator.management.rest.cors import Cors
from micro_integrator.management.rest.permission import Rules

RULES = Rules(("/users", "/logs"))


@pytest.mark.parametrize("path", ["/users", "/users/nora", "/logs"])
def test_paths_of_administrators_are_closed_to_others(path: str) -> None:
    assert RULES.obstacle(is_admin=False, method="GET", path=path) == f"Only administrators may use {path}"
    assert RULES.obstacle(is_admin=True, method="GET", path=path) is None


def test_a_path_that_only_begins_like_one_of_theirs_is_open() -> None:
    assert RULES.obstacle(is_admin=False, method="GET", path="/usersguide") is None


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE", "PUT"])
def test_others_look_and_change_nothing_unless_that_is_allowed(method: str) -> None:
    assert RULES.obstacle(is_admin=False, method=method, path="/tasks") is not None
    assert RULES.obstacle(is_admin=True, method=method, path="/tasks") is None
    open_rules = Rules(others_only_read=False)
    assert open_rules.obstacle(is_admin=False, method=method, path="/tasks") is None


@pytest.mark.parametrize(
    ("origins", "origin", "may"),
    [
        ((), None, True),
        ((), "https://mi.example:9164", True),
        ((), "https://evil.example", False),
        ((), "null", False),
        (("https://board.example",), "https://board.example", True),
        (("https://board.example",), "https://board.example.evil", False),
        (("*",), "https://anything.example", True),
    ],
)
def test_pages_of_listed_origins_and_the_listeners_own_may_call(
    origins: tuple[str, ...], origin: str | None, may: bool
) -> None:
    assert Cors(origins=frozenset(origins)).permits(origin, "MI.example:9164", "https") is may


@pytest.mark.parametrize(
    ("scheme", "origin", "may"),
    [
        ("http", "http://mi.example:9164", True),
        ("http", "https://mi.example:9164", True),  # TLS ends at a balancer before the listener
        ("https", "http://mi.example:9164", False),
        ("https", "https://", False),
        ("https", "https://[", False),
        ("https", "mi.example:9164", False),
    ],
)
def test_a_page_that_came_in_the_clear_or_names_no_origin_is_not_ours(
    scheme: str, origin: str, may: bool
) -> None:
    assert Cors().permits(origin, "mi.example:9164", scheme) is may


@pytest.mark.parametrize("host", [None, ""])
def test_a_page_without_an_origin_of_its_own_is_never_taken_for_ours(host: str | None) -> None:
    assert not Cors().permits("null", host, "https")


def test_a_permitted_page_is_told_by_name_so_that_no_cache_tells_another() -> None:
    headers = dict(Cors(origins=frozenset({"https://board.example"})).answer_headers("https://board.example"))
    assert headers == {"Access-Control-Allow-Origin": "https://board.example", "Vary": "Origin"}


def test_with_the_switch_off_browsers_are_told_nothing() -> None:
    off = Cors(is_enabled=False)
    assert off.answer_headers("https://board.example") == []
    assert off.preflight_headers("https://board.example") == []
