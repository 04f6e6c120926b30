"""Which address peers shall use for this node, and on which one it listens (coordination 8.8)."""

import ipaddress
from dataclasses import dataclass
from typing import Self

NONE = "none"
"""Value of the key `endpoint` that turns the wire off."""
LOOPBACK = "127.0.0.1"
_LONGEST_HOST = 245
"""Characters that leave room for a port in the column ENDPOINT."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host, by name or IP address, and a port; as text `host:port`, IPv6 in brackets."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str, default_port: int) -> Self:
        """Read `host[:port]`. Raises ValueError that says what is wrong."""
        host, port = _split(text.strip())
        if not host or not host.isprintable() or any(letter in host for letter in " /[]"):
            raise ValueError(f"expected host[:port], not '{text}'")
        if len(host) > _LONGEST_HOST:
            raise ValueError(f"a host of {len(host)} characters")
        if not port:
            return cls(host, default_port)
        number = port.removeprefix(":")
        if not (number.isascii() and number.isdigit()) or not 0 < int(number) < 65536:
            raise ValueError(f"'{number}' in '{text}' is not a port")
        return cls(host, int(number))

    @property
    def ip(self) -> str | None:
        """The host as an IP address; None for a name."""
        try:
            return str(ipaddress.ip_address(self.host))
        except ValueError:
            return None

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def _split(text: str) -> tuple[str, str]:
    """Return host and `:port`, each empty where there is none that could be read."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        return (host, rest) if bracket and rest[:1] in ("", ":") else ("", "")
    if text.count(":") > 1:  # an IPv6 address without a port
        return text, ""
    host, colon, port = text.partition(":")
    return host, colon + port


def is_loopback(host: str) -> bool:
    """Whether `host` means this host alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def bind_address(explicit: str | None, *, is_sqlite: bool) -> str | None:
    """Return the loopback address to listen on; None = all addresses.

    `explicit` is the key `endpoint`, if it is given. Raises ValueError if it cannot be read.
    """
    host = Endpoint.parse(explicit, 1).host if explicit else ""
    if is_loopback(host):
        return LOOPBACK if host == "localhost" else host
    return LOOPBACK if is_sqlite else None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the advertised address is made of."""

    port: int
    """The port that the liveness socket has got."""
    bound_to: str | None
    """The address that socket is bound to; None = all."""
    explicit: str | None
    """The key `endpoint`; None when it is not given."""
    lease_address: str | None
    """Local address of the lease connection's socket; None for a Unix socket or a file."""
    route_address: str | None
    """Local address of the default route; None without one."""
    is_group_on_this_host: bool
    """Whether every live member has my host id."""


def advertised(facts: Surroundings) -> Endpoint | None:
    """Return what stands in the lease row; None when nobody could reach this node.

    Raises ValueError if the key `endpoint` cannot be read.
    """
    if facts.explicit is not None:
        given = Endpoint.parse(facts.explicit, facts.port)
        return Endpoint(LOOPBACK, given.port) if given.host == "localhost" else given
    if facts.bound_to is not None:
        return Endpoint(facts.bound_to, facts.port)
    if facts.lease_address is not None and not is_loopback(facts.lease_address):
        return Endpoint(facts.lease_address, facts.port)
    if facts.is_group_on_this_host:
        return Endpoint(LOOPBACK, facts.port)
    return Endpoint(facts.route_address, facts.port) if facts.route_address else None
