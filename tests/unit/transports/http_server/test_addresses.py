"""How addresses of clients are written."""

import pytest

from micro_integrator.transports.http.server.addresses import host_of


@pytest.mark.parametrize(
    ("address", "host"),
    [
        (("10.0.0.7", 80), "10.0.0.7"),
        (("::ffff:10.0.0.7", 80, 0, 0), "10.0.0.7"),
        (("::1", 80, 0, 0), "::1"),
        (("::ffff:a00:7", 80, 0, 0), "::ffff:a00:7"),
        (None, ""),
    ],
)
def test_an_address_of_ipv4_has_its_own_form_also_where_both_families_are_let_in(
    address: object, host: str
) -> None:
    assert host_of(address) == host
