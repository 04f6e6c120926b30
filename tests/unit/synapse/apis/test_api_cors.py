"""Pages of other origins: which may use an API, and what their browsers are told."""

import pytest

from micro_integrator.synapse import Headers
from micro_integrator.synapse.apis.cors import Cors

LISTED = Cors.of_settings(is_enabled=True, origins="https://a.example, https://b.example", headers="X-A")


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://a.example", "https://a.example"),
        ("https://b.example", "https://b.example"),
        ("http://a.example", None),
        ("https://c.example", None),
        ("", None),
    ],
)
def test_an_origin_must_be_listed(origin: str, allowed: str | None) -> None:
    assert LISTED.allowed(origin) == allowed


@pytest.mark.parametrize(
    ("origin", "is_allowed"),
    [
        ("https://shop.example.com", True),
        ("http://a.b.example.com:8080", True),
        ("https://example.com", False),
        ("https://badexample.com", False),
        ("ftp://shop.example.com", False),
        ("https://shop.example.com.evil.org", False),
        ("shop.example.com", False),
    ],
)
def test_a_star_stands_for_the_hosts_below(origin: str, is_allowed: bool) -> None:
    assert (Cors(origins=frozenset({"*.example.com"})).allowed(origin) == origin) is is_allowed


def test_a_star_alone_lets_every_page_in_but_names_it_when_credentials_are_allowed() -> None:
    anyone = frozenset({"*"})
    assert Cors(origins=anyone).allowed("https://x") == "*"
    assert Cors(origins=anyone, with_credentials=True).allowed("https://x") == "https://x"


def test_without_settings_no_page_may_use_an_api() -> None:
    assert not Cors().has_a_say
    assert Cors().answer_to("https://a.example", "GET") is None


def test_switched_off_nobody_is_told_anything() -> None:
    off = Cors.of_settings(is_enabled=False, origins="*", headers="")
    assert not off.has_a_say
    assert off.answer_to("https://a.example", "GET") == []


def test_a_browser_that_asks_is_told_methods_and_headers() -> None:
    assert LISTED.answer_to("https://a.example", "GET, POST") == [
        ("Access-Control-Allow-Origin", "https://a.example"),
        ("Access-Control-Allow-Methods", "GET, POST"),
        ("Access-Control-Allow-Headers", "X-A"),
    ]


def test_rules_of_an_api_may_name_methods_credentials_and_an_age() -> None:
    rules = Cors(origins=frozenset({"*"}), methods="PUT", with_credentials=True, max_age=60)
    assert rules.answer_to("https://a", "GET") == [
        ("Access-Control-Allow-Origin", "https://a"),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Allow-Methods", "PUT"),
        ("Access-Control-Max-Age", "60"),
    ]


@pytest.mark.parametrize(("former", "expected"), [(None, "Origin"), ("Accept", "Accept, Origin")])
def test_an_answer_to_one_origin_is_not_to_be_cached_for_another(former: str | None, expected: str) -> None:
    headers = Headers([] if former is None else [("Vary", former)])
    LISTED.open(headers, "https://a.example")
    assert headers["Vary"] == expected


def test_an_answer_to_every_origin_may_be_cached() -> None:
    headers = Headers()
    Cors(origins=frozenset({"*"})).open(headers, "*")
    assert dict(headers) == {"Access-Control-Allow-Origin": "*"}
