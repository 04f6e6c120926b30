"""Which API a request is for."""

import time
from pathlib import Path

import pytest
from unit.synapse.apis.api_lab import PLAIN, api, api_at, arrival, found

from micro_integrator.observability import recorded_lines
from micro_integrator.synapse import DeploymentError, Graph, Message, Origin, Source
from micro_integrator.synapse.apis.routes import Routes
from micro_integrator.synapse.artifacts.api import Api

URL_VERSION = 'version="1.0.0" version-type="url"'
CONTEXT_VERSION = 'version="1.0.0" version-type="context"'


@pytest.mark.parametrize(
    ("context", "attributes", "target", "is_found"),
    [
        ("/", "", "/", True),
        ("/", "", "/any/thing", True),
        ("/test", "", "/test", True),
        ("/test", "", "/test/", True),
        ("/test", "", "/test?a=5", True),
        ("/test", "", "/test/foo/bar?a=5", True),
        ("/test", "", "/test1/bar", False),
        ("/test", "", "/foo/test", False),
        ("/test", "", "/Test", False),
        ("/foo/bar", "", "/foo/bar/x", True),
        ("/foo/bar", "", "/foo", False),
        ("/test", URL_VERSION, "/test/1.0.0", True),
        ("/test", URL_VERSION, "/test/1.0.0?a=http://localhost.com", True),
        ("/test", URL_VERSION, "/test/", False),
        ("/test", URL_VERSION, "/test/1.0.1", False),
        ("/test/{version}", CONTEXT_VERSION, "/test/1.0.0/foo", True),
        ("/test/{version}", CONTEXT_VERSION, "/test/", False),
        ("/{version}/test", CONTEXT_VERSION, "/1.0.0/test/", True),
        ("/{version}/test", CONTEXT_VERSION, "/1.0.1/test/foo", False),
        ("/test/{version}/bar", CONTEXT_VERSION, "/test/1.0.0/bar?a=5", True),
        ("/test/{version}/bar", CONTEXT_VERSION, "/test/2.0.0.0/bar", False),
        ("/test", CONTEXT_VERSION, "/test?a=5", True),
    ],
)
def test_an_api_is_found_by_its_context(context: str, attributes: str, target: str, is_found: bool) -> None:
    assert (found([api_at(context, attributes)], arrival(target)) is not None) is is_found


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/", "/"),
        ("/x", "/"),
        ("/a", "/a"),
        ("/a/x", "/a"),
        ("/a/b", "/a/b"),
        ("/a/b/c", "/a/b"),
        ("/ab", "/"),
    ],
)
def test_the_longest_context_wins(target: str, expected: str) -> None:
    apis = [api_at(context) for context in ("/", "/a", "/a/b")]
    match = found(apis, arrival(target))
    assert match is not None
    assert match.api.name == expected


def test_a_longer_context_goes_before_a_version() -> None:
    match = found([api_at("/a", CONTEXT_VERSION, "old"), api_at("/a/b", name="new")], arrival("/a/b/c"))
    assert match is not None
    assert match.api.name == "new"


@pytest.mark.parametrize("is_first", [True, False])
def test_of_equal_contexts_the_one_with_a_version_wins(is_first: bool) -> None:
    apis = [api_at("/a", CONTEXT_VERSION, "versioned"), api_at("/a", name="plain")]
    match = found(apis if is_first else reversed(apis), arrival("/a"))
    assert match is not None
    assert match.api.api_name == "versioned"


def test_an_api_without_a_version_takes_what_no_version_takes() -> None:
    apis = [api_at("/a", URL_VERSION, "versioned"), api_at("/a", name="plain")]
    names = []
    for target in ("/a/1.0.0/x", "/a/2.0.0/x"):
        match = found(apis, arrival(target))
        assert match is not None
        names.append(match.api.api_name)
    assert names == ["versioned", "plain"]


@pytest.mark.parametrize(
    ("context", "attributes", "target", "rest", "path", "query"),
    [
        ("/test", "", "/test", "", "/", None),
        ("/test", "", "/test?a=5", "?a=5", "/", "a=5"),
        ("/test", "", "/test/x/?", "/x/?", "/x/", ""),
        ("/", "", "/test", "/test", "/test", None),
        ("/", "", "/", "/", "/", None),
        ("/a", URL_VERSION, "/a/1.0.0/b?c", "/b?c", "/b", "c"),
    ],
)
def test_what_stands_behind_the_context(
    context: str, attributes: str, target: str, rest: str, path: str, query: str | None
) -> None:
    match = found([api_at(context, attributes)], arrival(target))
    assert match is not None
    assert (match.rest, match.path, match.query) == (rest, path, query)


@pytest.mark.parametrize("url", ["http://h/a/b?c=http://x/", "https://h:1/a/b?c=http://x/"])
def test_a_client_may_send_a_whole_url(url: str) -> None:
    match = found([api_at("/a")], arrival(url))
    assert match is not None
    assert match.target == "/a/b?c=http://x/"


@pytest.mark.parametrize("target", ["*", "a/b", "http://h"])
def test_what_is_no_path_is_for_no_api(target: str) -> None:
    assert found([api_at("/a")], arrival(target)) is None


@pytest.mark.parametrize(
    ("attributes", "host", "scheme", "is_found"),
    [
        ('hostname="shop.example"', "shop.example", "http", True),
        ('hostname="shop.example"', "Shop.Example:8290", "http", True),
        ('hostname="shop.example"', "localhost", "http", False),
        ('port="8080"', "localhost:8080", "http", True),
        ('port="8080"', "localhost:8290", "http", False),
        ('port="80"', "localhost", "http", True),
        ('port="443"', "localhost", "https", True),
        ('port="443"', "[::1]", "https", True),
        ('port="8243"', "[::1]:8243", "https", True),
        ('hostname="h" port="80"', "h:81", "http", False),
        ('port="80"', "h:" + "9" * 5000, "http", True),
    ],
)
def test_host_and_port_are_those_a_client_has_asked_for(
    attributes: str, host: str, scheme: str, is_found: bool
) -> None:
    request = arrival("/a", headers={"Host": host}, scheme=scheme)
    assert (found([api_at("/a", attributes)], request) is not None) is is_found


def test_an_api_for_https_alone_is_not_there_for_http() -> None:
    routes, message = Routes([api_at("/a", 'transports="https"', "A")]), Message()
    with recorded_lines() as lines:
        assert routes.find(arrival("/a"), message) is None
    assert message.properties.get("TRANSPORT_DENIED") is True
    assert lines.texts() == ["Trying to access API : A on restricted transport chanel [http]"]
    assert routes.find(arrival("/a", scheme="https"), message) is not None


def test_a_refused_protocol_leaves_the_request_to_the_next_context() -> None:
    match = found([api_at("/a/b", 'transports="https"'), api_at("/a")], arrival("/a/b"))
    assert match is not None
    assert match.api.name == "/a"


def test_an_api_of_inbound_endpoints_alone_is_not_found() -> None:
    assert found([api_at("/a", 'binds-to="inbound"')], arrival("/a")) is None


def test_apis_with_the_same_context_and_version_exclude_each_other() -> None:
    graph = Graph().changed(add=[placed("One", "/a", 1)])
    with pytest.raises(DeploymentError, match=r"api 'Two' has the context '/a' of one\.xml:1") as caught:
        graph.changed(add=[placed("Two", "/a/", 7)])
    assert (caught.value.path, caught.value.line) == (Path("two.xml"), 7)


def test_versions_of_one_context_stand_beside_each_other() -> None:
    apis = [
        api_at("/a"),
        api_at("/a", URL_VERSION),
        api_at("/a/context/{version}", CONTEXT_VERSION),
        api_at("/a", 'version="2" version-type="url"'),
    ]
    occupied = [one for made in apis for one in made.occupied if one[0] == "context"]
    assert len(set(occupied)) == len(apis)


def test_a_thousand_apis_cost_no_more_than_one() -> None:
    request, message = arrival("/service7/orders"), Message()
    few, many = Routes([api_at("/service7")]), Routes(api_at(f"/service{number}") for number in range(1000))
    assert cost(many, request, message) < 3 * cost(few, request, message)


def cost(routes: Routes, *question: object) -> float:
    """Return the processor time of the quickest of some look-ups, in seconds."""
    times = []
    for _ in range(300):
        begun = time.process_time()
        for _ in range(20):
            routes.find(*question)  # type: ignore[arg-type]
        times.append(time.process_time() - begun)
    return min(times)


def placed(name: str, context: str, line: int) -> Api:
    made = api(PLAIN, f'name="{name}" context="{context}"')
    made.origin = Origin(Source(Path(f"{name.lower()}.xml"), line), "", ())
    return made
