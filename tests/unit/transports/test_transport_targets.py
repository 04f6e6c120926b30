"""URLs taken apart, and addresses that messages may not choose."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from micro_integrator.synapse import MediationError
from micro_integrator.transports.http.client.guarded import is_guarded
from micro_integrator.transports.http.client.target import Route, target_of


@pytest.mark.parametrize(
    ("url", "route", "authority", "path"),
    [
        ("http://Host", Route("http", "host", 80), "host", "/"),
        ("HTTPS://host:443/a", Route("https", "host", 443), "host", "/a"),
        ("http://host:443/a", Route("http", "host", 443), "host:443", "/a"),
        ("http://host:/a", Route("http", "host", 80), "host", "/a"),
        ("http://[::1]:8080/a?b=c#d", Route("http", "::1", 8080), "[::1]:8080", "/a?b=c"),
        ("http://host?b=c", Route("http", "host", 80), "host", "/?b=c"),
        ("http://host?b=/c", Route("http", "host", 80), "host", "/?b=/c"),
        ("http://host#/c", Route("http", "host", 80), "host", "/"),
        ("http://host/a b\r\nX: 1", Route("http", "host", 80), "host", "/a%20b%0D%0AX:%201"),
        ("http://host/\ud800", Route("http", "host", 80), "host", "/%ED%A0%80"),
        ("http://host/ä%41%", Route("http", "host", 80), "host", "/%C3%A4%41%"),
        ("http://bücher.example/", Route("http", "xn--bcher-kva.example", 80), "xn--bcher-kva.example", "/"),
    ],
)
def test_a_url_is_taken_apart(url: str, route: Route, authority: str, path: str) -> None:
    origin, found = target_of(url)
    assert (origin.route, origin.authority, found) == (route, authority, path)


@given(some.text(max_size=30))
def test_no_url_puts_anything_else_into_the_request_line(rest: str) -> None:
    _, path = target_of(f"http://host/{rest}")
    assert path.isascii()
    assert path.isprintable()
    assert " " not in path


@pytest.mark.parametrize(
    "url",
    [
        "",
        "host",
        "//host/",
        "http:///",
        "http://a@b/",
        "mailto:a@b",
        "http://",
        "http://:80/",
        "http://h:x/",
        "http://h:0/",
    ],
)
def test_what_is_no_url_to_send_to_is_refused(url: str) -> None:
    with pytest.raises(MediationError):
        target_of(url)


@pytest.mark.parametrize(
    ("address", "verdict"),
    [
        ("169.254.169.254", True),
        ("169.254.0.1", True),
        ("fe80::1%eth0", True),
        ("::ffff:169.254.169.254", True),
        ("2002:a9fe:a9fe::1", True),
        ("100.100.100.200", True),
        ("fd00:ec2::254", True),
        ("127.0.0.1", False),
        ("10.0.0.1", False),
        ("::1", False),
        ("8.8.8.8", False),
        ("/tmp/socket", False),
    ],
)
def test_which_addresses_are_guarded(address: str, verdict: bool) -> None:
    assert is_guarded(address) is verdict
