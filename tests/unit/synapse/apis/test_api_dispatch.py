"""Which resource of an API a request is for: the table of paths and methods, and every reason for a refusal."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from unit.synapse.apis.api_lab import api

from micro_integrator.synapse.apis.dispatch import (
    BadRequest,
    Dispatch,
    Found,
    MethodNotAllowed,
    NotFound,
    Options,
    Verdict,
)
from micro_integrator.synapse.apis.resource import Traits

SHOP = api(
    '<resource methods="GET" url-mapping="/menu"/>'
    '<resource methods="GET" url-mapping="/static/*"/>'
    '<resource methods="GET HEAD" url-mapping="/static/img/*"/>'
    '<resource methods="GET" url-mapping="*.pdf"/>'
    '<resource methods="GET" uri-template="/orders?state={state}"/>'
    '<resource methods="GET" uri-template="/orders"/>'
    '<resource methods="POST" uri-template="/orders"/>'
    '<resource methods="GET" uri-template="/orders/{id}"/>'
    '<resource methods="PUT DELETE" uri-template="/orders/{id}"/>'
    '<resource methods="POST OPTIONS" uri-template="/orders/{id}/items"/>'
    '<resource methods="GET" uri-template="/files/{+path}"/>'
    '<resource methods="PATCH" uri-template="/batch*"/>'
    '<resource uri-template="/any/{x}"/>'
).dispatch
"""Resources are called by their number: 1 is `/menu`."""


def decided(dispatch: Dispatch, method: str, target: str, traits: Traits | None = None) -> Verdict:
    path, mark, query = target.partition("?")
    return dispatch.decide(method, path, query if mark else None, traits)


def told(verdict: Verdict) -> str:
    """Return a verdict in the words of the table below."""
    if isinstance(verdict, Found):
        number = verdict.resource.name.rpartition("[")[2].rstrip("]")
        values = [f"{name.removeprefix('uri.var.')}={value}" for name, value in verdict.variables.items()]
        return " ".join([number, *values])
    if isinstance(verdict, NotFound):
        return "404"
    if isinstance(verdict, BadRequest):
        return "400"
    return f"{405 if isinstance(verdict, MethodNotAllowed) else 200} {verdict.allow}"


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("GET", "/menu", "1"),
        ("GET", "/menu/", "1"),
        ("GET", "/menu?lang=en", "1"),
        ("POST", "/menu", "405 GET"),
        ("GET", "/menus", "404"),
        ("GET", "/static", "2"),
        ("GET", "/static/a/b.css", "2"),
        ("GET", "/statics/a", "404"),
        ("GET", "/static/img/a.png", "3"),
        ("HEAD", "/static/img/a.png", "3"),
        ("HEAD", "/static/a.css", "405 GET"),
        ("PUT", "/static/img/a.png", "405 GET, HEAD"),
        ("GET", "/static/a.pdf", "2"),
        ("GET", "/a/b.pdf", "4"),
        ("DELETE", "/a/b.pdf", "405 GET"),
        ("GET", "/orders", "6"),
        ("GET", "/orders?page=2", "6"),
        ("GET", "/orders?state=open", "5 state=open"),
        ("POST", "/orders", "7"),
        ("POST", "/orders?state=open", "7"),
        ("DELETE", "/orders", "405 GET, POST"),
        ("HEAD", "/orders", "405 GET, POST"),
        ("GET", "/orders/7", "8 id=7"),
        ("GET", "/orders/a%2Fb", "8 id=a/b"),
        ("GET", "/orders/a%20b/", "8 id=a b"),
        ("PUT", "/orders/7", "9 id=7"),
        ("DELETE", "/orders/7", "9 id=7"),
        ("PATCH", "/orders/7", "405 GET, PUT, DELETE"),
        ("GET", "/orders/7/8", "404"),
        ("POST", "/orders/7/items", "10 id=7"),
        ("GET", "/orders/7/items", "405 POST"),
        ("OPTIONS", "/orders/7/items", "10 id=7"),
        ("OPTIONS", "/orders/7", "200 GET, PUT, DELETE"),
        ("OPTIONS", "/orders", "200 GET, POST"),
        ("OPTIONS", "/nothing", "404"),
        ("GET", "/files/a/b+c", "11 path=a/b+c"),
        ("GET", "/files/", "404"),
        ("PATCH", "/batch/1/2", "12"),
        ("PATCH", "/batch", "12"),
        ("GET", "/batches", "405 PATCH"),
        ("GET", "/any/1", "13 x=1"),
        ("REPORT", "/any/1", "13 x=1"),
        ("REPORT", "/orders", "405 GET, POST"),
        ("OPTIONS", "/any/1", "200 GET, POST, PUT, DELETE"),
        ("GET", "/", "404"),
    ],
)
def test_the_table_of_paths_and_methods(method: str, target: str, expected: str) -> None:
    assert told(decided(SHOP, method, target)) == expected


def test_the_default_resource_takes_what_the_others_leave() -> None:
    dispatch = api('<resource methods="GET"/><resource methods="POST" uri-template="/a"/>').dispatch
    assert told(decided(dispatch, "POST", "/a")) == "2"
    assert told(decided(dispatch, "GET", "/a")) == "1"
    assert told(decided(dispatch, "POST", "/b")) == "405 GET"


def test_the_first_template_that_fits_wins() -> None:
    dispatch = api('<resource uri-template="/{x}"/><resource uri-template="/a"/>').dispatch
    assert told(decided(dispatch, "GET", "/a")) == "1 x=a"


def test_a_resource_for_options_alone_is_tried_first() -> None:
    dispatch = api(
        '<resource methods="GET" url-mapping="/a"/><resource methods="OPTIONS" uri-template="/*"/>'
    ).dispatch
    assert told(decided(dispatch, "OPTIONS", "/a")) == "2"


def test_options_of_a_default_resource() -> None:
    assert decided(api('<resource methods="GET"/>').dispatch, "OPTIONS", "/") == Options("GET")


PICKY = api(
    '<resource methods="POST" uri-template="/json" content-type="application/json"/>'
    '<resource methods="POST" uri-template="/utf8" content-type="text/xml; charset=UTF-8"/>'
    '<resource methods="GET" uri-template="/agent" user-agent="curl/.*"/>'
    '<resource methods="GET" uri-template="/tls" protocol="https"/>'
).dispatch


@pytest.mark.parametrize(
    ("method", "path", "traits", "expected"),
    [
        ("POST", "/json", Traits("http", "application/json", ""), "1"),
        ("POST", "/json", Traits("http", "Application/JSON; charset=UTF-8", ""), "1"),
        ("POST", "/json", Traits("http", "text/plain", ""), "400"),
        ("POST", "/json", Traits("http", "", ""), "400"),
        ("POST", "/json", Traits("http", None, ""), "1"),
        ("GET", "/json", Traits("http", "text/plain", ""), "405 POST"),
        ("POST", "/utf8", Traits("http", "text/xml;charset=utf-8", ""), "2"),
        ("POST", "/utf8", Traits("http", "text/xml", ""), "400"),
        ("GET", "/agent", Traits("http", None, "curl/8.0"), "3"),
        ("GET", "/agent", Traits("http", None, "libcurl/8.0"), "400"),
        ("GET", "/tls", Traits("https", None, ""), "4"),
        ("GET", "/tls", Traits("http", None, ""), "400"),
        ("OPTIONS", "/tls", Traits("http", None, ""), "400"),
        ("OPTIONS", "/json", Traits("http", "text/plain", ""), "200 POST"),
    ],
)
def test_a_resource_may_ask_for_more_than_a_path(
    method: str, path: str, traits: Traits, expected: str
) -> None:
    assert told(decided(PICKY, method, path, traits)) == expected


def test_a_request_that_does_not_fit_goes_to_the_next_resource() -> None:
    dispatch = api(
        '<resource uri-template="/a" content-type="application/json"/><resource uri-template="/{x}"/>'
    ).dispatch
    assert told(decided(dispatch, "POST", "/a", Traits("http", "text/xml", ""))) == "2 x=a"


def test_a_resource_of_inbound_endpoints_alone_is_not_found() -> None:
    dispatch = api('<resource binds-to="inbound" uri-template="/a"/><resource uri-template="/b"/>').dispatch
    assert told(decided(dispatch, "GET", "/a")) == "404"


PATHS = ["/a", "/a/", "/a/b", "/ab", "/a/b/c", "/a/x.jsp", "/b", "/", "/a/b/"]
MAPPINGS = [
    'url-mapping="/a"', 'url-mapping="/a/*"', 'url-mapping="/a/b/*"', 'url-mapping="*.jsp"', 'url-mapping="/*"',
    'uri-template="/a"', 'uri-template="/a/{x}"', 'uri-template="/{x}"', 'uri-template="/a*"', 'uri-template="*"',
    'uri-template="/a/b"', "",
]  # fmt: skip


@given(
    mappings=some.lists(some.sampled_from(MAPPINGS), min_size=1, unique=True), path=some.sampled_from(PATHS)
)
def test_the_tables_find_what_trying_one_after_the_other_finds(mappings: list[str], path: str) -> None:
    made = api("".join(f"<resource {mapping}/>" for mapping in mappings))
    verdict = made.dispatch.decide("GET", path, None)
    meant = [
        mapping
        for mapping, resource in zip(mappings, made.resources, strict=True)
        if resource.variables(path, None) is not None
    ]
    expected = min(meant, key=tried, default=None)
    actual = mappings[made.resources.index(verdict.resource)] if isinstance(verdict, Found) else None
    assert actual == expected


def tried(mapping: str) -> tuple[int, int]:
    """Return what the specification sorts by: whole path, longest prefix, ending, templates as written, default."""
    if mapping.startswith("url-mapping"):
        path = mapping.partition('"')[2].rstrip('"')
        return (1, -len(path)) if path.endswith("/*") else (2, 0) if path.startswith("*") else (0, 0)
    return (3, 0) if mapping else (4, 0)
