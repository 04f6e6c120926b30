"""Addresses to which only a target written down in an artifact may lead, never one that a message chose. ◇

Link-local addresses, and those under which clouds hand credentials to whoever asks from inside.
"""

import ipaddress

_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        ("100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254"),
    )
)


def is_guarded(address: str) -> bool:
    """Return whether an IP address, as a socket reports it, is one of them."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    if inner is not None:
        found = inner
    return found.is_link_local or found in _METADATA
