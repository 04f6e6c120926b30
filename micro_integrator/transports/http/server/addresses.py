"""Addresses as they are written: those of IPv4 in their own form also where a port is open for both families. ◇"""

_MAPPED = "::ffff:"


def host_of(address: object) -> str:
    """Return the host of a socket's address, empty when there is none."""
    if not isinstance(address, tuple):
        return ""
    host = str(address[0])
    return host.removeprefix(_MAPPED) if "." in host else host
