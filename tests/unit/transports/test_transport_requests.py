"""Requests as bytes: which headers go out, and how the end of a body is announced."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from micro_integrator.synapse import Headers, MediationError, Request
from micro_integrator.transports.http.client.framing import request_bytes
from micro_integrator.transports.http.client.header_rules import HeaderRules
from micro_integrator.transports.http.client.steering import USUAL, Steering, steering_of
from micro_integrator.transports.http.client.target import Proxy, Route, target_of

URL = "http://host:8080/a?b=c"


def lines(
    request: Request, *preserved: str, proxy: Proxy | None = None, steering: Steering = USUAL
) -> list[str]:
    origin, path = target_of(request.url)
    route = origin.route._replace(proxy=proxy)
    head, *_ = request_bytes(request, origin, path, route, steering, HeaderRules(preserved))
    return head.decode("latin-1").split("\r\n")


def fields(given_headers: Headers, *preserved: str, steering: Steering = USUAL) -> list[str]:
    """The header lines of a GET, without the two that are always there."""
    found = lines(Request("GET", URL, given_headers), *preserved, steering=steering)
    return [line for line in found[1:-2] if not line.startswith(("Host:", "User-Agent:"))]


def test_names_listed_in_connection_stay_behind() -> None:
    headers = Headers([("Connection", "close, X-Hop"), ("x-hop", "1"), ("X-End", "2")])
    assert fields(headers) == ["X-End: 2"]
    assert fields(Headers([("connection", "Keep-Alive"), ("X-End", "2")])) == ["X-End: 2"]


def test_names_listed_in_a_second_connection_header_stay_behind_too() -> None:
    headers = Headers([("Connection", "close"), ("connection", "X-Hop"), ("x-hop", "1"), ("X-End", "2")])
    assert fields(headers) == ["X-End: 2"]


def test_the_length_of_a_body_is_never_taken_from_a_message() -> None:
    headers = Headers([("Content-Length", "1"), ("Transfer-Encoding", "chunked"), ("Date", "today")])
    assert fields(headers, "content-length", "Transfer-Encoding", "date") == ["Date: today"]


def test_second_values_of_a_header_are_written_behind_the_first() -> None:
    options = {"EXCESS_TRANSPORT_HEADERS": [("X-A", "2"), ("Connection", "close"), ("x-a", "3")]}
    assert fields(Headers([("X-A", "1")]), steering=steering_of(options)) == ["X-A: 1", "X-A: 2", "x-a: 3"]


@pytest.mark.parametrize("value", [5, "X-A", [1], [("X-A", "1", "2")]])
def test_second_values_that_are_none_are_an_error_of_the_message(value: object) -> None:
    with pytest.raises(MediationError, match="EXCESS_TRANSPORT_HEADERS"):
        steering_of({"EXCESS_TRANSPORT_HEADERS": value})


def test_a_host_of_the_message_goes_out_if_it_is_preserved_and_the_property_goes_before_it() -> None:
    request = Request("GET", URL, Headers([("Host", "mine"), ("User-Agent", "me")]))
    assert lines(request)[1:3] == ["Host: host:8080", "User-Agent: Synapse-PT-HttpComponents-NIO"]
    assert lines(request, "Host", "user-agent")[1:3] == ["Host: mine", "User-Agent: me"]
    assert lines(request, "Host", steering=Steering(host="theirs"))[1] == "Host: theirs"


def test_a_proxy_is_told_the_whole_url_and_who_we_are() -> None:
    request = Request("GET", URL, Headers([("Proxy-Authorization", "forged")]))
    found = lines(request, proxy=Proxy("proxy", 3128, "Basic x"))
    assert found[0] == "GET http://host:8080/a?b=c HTTP/1.1"
    assert [line for line in found if line.startswith("Proxy-")] == ["Proxy-Authorization: Basic x"]


def test_inside_a_tunnel_the_proxy_is_not_spoken_to() -> None:
    request = Request("GET", URL.replace("http", "https"), Headers())
    found = lines(request, proxy=Proxy("proxy", 3128, "Basic x"))
    assert found[0] == "GET /a?b=c HTTP/1.1"
    assert not any(line.startswith("Proxy-") for line in found)


@pytest.mark.parametrize("body", [b"x", b"x" * 100_000])
def test_a_body_is_chunked_unless_it_is_to_be_counted(body: bytes) -> None:
    origin, path = target_of(URL)
    request = Request("POST", URL, Headers(), body)
    for steering in (USUAL, Steering(is_counted=True)):
        wire = b"".join(request_bytes(request, origin, path, origin.route, steering, HeaderRules([])))
        head, _, rest = wire.partition(b"\r\n\r\n")
        is_chunked = steering is USUAL
        assert (b"Transfer-Encoding: chunked" in head) is is_chunked
        assert (b"Content-Length: %d" % len(body) in head) is not is_chunked
        assert rest == (b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if is_chunked else body)


@given(some.dictionaries(some.text(min_size=1, max_size=8), some.text(max_size=12), max_size=4))
def test_header_lines_are_as_many_as_headers_or_none_at_all(given_headers: dict[str, str]) -> None:
    request = Request("GET", URL, Headers(given_headers.items()))
    origin, path = target_of(URL)
    try:
        [wire] = request_bytes(request, origin, path, origin.route, USUAL, HeaderRules([]))
    except MediationError:
        return
    head = wire.decode("latin-1")
    ours = 4  # request line, Host, User-Agent, the empty line
    assert head.count("\n") == head.count("\r") == head.count("\r\n") <= len(given_headers) + ours


def test_options_that_mean_nothing_cost_nothing() -> None:
    assert steering_of({"HTTP_METHOD": "GET", "messageType": "text/xml"}) is USUAL


def test_routes_with_other_proxies_or_profiles_are_others() -> None:
    route = Route("https", "host", 443)
    assert len({route, route._replace(proxy=Proxy("p", 1)), route._replace(profile="a")}) == 3
