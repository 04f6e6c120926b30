"""Which address peers shall use, and where this node listens."""

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.cluster.wire.endpoint import Endpoint, Surroundings, advertised, bind_address
from micro_integrator.cluster.wire.own_addresses import address_of, unmapped


def facts(**told: object) -> Surroundings:
    usual: dict[str, object] = {
        "port": 9202,
        "bound_to": None,
        "explicit": None,
        "lease_address": "10.0.0.5",
        "route_address": "192.168.1.5",
        "is_group_on_this_host": False,
    }
    return Surroundings(**(usual | told))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, "10.0.0.5:9202"),
        ({"is_group_on_this_host": True}, "10.0.0.5:9202"),
        ({"lease_address": "2001:db8::5"}, "[2001:db8::5]:9202"),
        ({"lease_address": "127.0.0.1"}, "192.168.1.5:9202"),
        ({"lease_address": "::1"}, "192.168.1.5:9202"),
        ({"lease_address": None}, "192.168.1.5:9202"),
        ({"lease_address": None, "is_group_on_this_host": True}, "127.0.0.1:9202"),
        ({"lease_address": "127.0.0.1", "is_group_on_this_host": True}, "127.0.0.1:9202"),
        ({"lease_address": None, "route_address": None}, None),
        ({"lease_address": None, "bound_to": "127.0.0.1"}, "127.0.0.1:9202"),
        ({"explicit": "mi-0.mi.svc"}, "mi-0.mi.svc:9202"),
        ({"explicit": "gate.example:7000"}, "gate.example:7000"),
        ({"explicit": "127.0.0.1", "bound_to": "127.0.0.1"}, "127.0.0.1:9202"),
        ({"explicit": "localhost:7"}, "127.0.0.1:7"),
        ({"explicit": "[::1]:7"}, "[::1]:7"),
        ({"explicit": "::1"}, "[::1]:9202"),
    ],
)
def test_the_key_comes_first_then_the_lease_connection_then_the_host(
    told: dict[str, object], expected: str | None
) -> None:
    found = advertised(facts(**told))
    assert (str(found) if found else None) == expected


@pytest.mark.parametrize(
    ("explicit", "is_sqlite", "expected"),
    [
        (None, False, None),
        (None, True, "127.0.0.1"),
        ("10.0.0.5", False, None),
        ("127.0.0.1", False, "127.0.0.1"),
        ("127.0.0.2:80", False, "127.0.0.2"),
        ("localhost", False, "127.0.0.1"),
        ("[::1]", False, "::1"),
    ],
)
def test_it_listens_on_loopback_only_where_all_members_are_on_this_host(
    explicit: str | None, is_sqlite: bool, expected: str | None
) -> None:
    assert bind_address(explicit, is_sqlite=is_sqlite) == expected


@pytest.mark.parametrize(
    "text",
    ["", " ", ":80", "host:", "host:0", "host:65536", "host:x", "a b", "[::1", "[::1]80", "h" * 300, "a/b"],
)
def test_what_is_no_endpoint_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected host|not a port|characters"):
        Endpoint.parse(text, 9202)


@given(st.text(max_size=40))
def test_any_text_is_an_endpoint_that_can_be_read_again_or_an_error(text: str) -> None:
    try:
        found = Endpoint.parse(text, 9202)
    except ValueError:
        return
    assert Endpoint.parse(str(found), 1) == found


def test_the_address_of_a_socket_is_that_of_its_own_side() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as near,
    ):
        assert address_of(near) == "127.0.0.1"
    left, right = socket.socketpair()
    with left, right:
        assert address_of(left) is None
    assert address_of(None) is None


def test_an_ipv4_address_is_shown_as_one() -> None:
    assert unmapped("::ffff:10.0.0.5") == "10.0.0.5"
    assert unmapped("::ffff") == "::ffff"
