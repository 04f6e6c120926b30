"""A URL taken apart once: where to connect, what to ask for, and what to call the host. ◇"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote

from micro_integrator.synapse import MediationError

DEFAULT_PORTS = {"http": 80, "https": 443}

_URL = re.compile(r"(https?)://([^/?#]*)([^#]*)(?:#.*)?", re.IGNORECASE | re.DOTALL)
_AUTHORITY = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._~-]+))(?::([0-9]{0,5}))?")
_LEGAL = "%/:?#[]@!$&'()*+,;=-._~"
"""Characters of a URL that go out as they are; all others are percent-encoded, line breaks among them."""


class Route(NamedTuple):
    """Connections of one route are interchangeable; the TLS profile follows from the scheme."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


class Target(NamedTuple):
    """What a request line and the header Host are made of."""

    route: Route
    authority: str
    """Host and, unless it is the default one, port."""
    path: str
    """Path and query, fit for a request line."""

    @property
    def absolute(self) -> str:
        """The request target with scheme and host, as proxies want it."""
        return f"{self.route.scheme}://{self.authority}{self.path}"


@lru_cache(maxsize=512)
def target_of(url: str) -> Target:
    """Return the parts of an absolute http or https URL; a fragment is left out. Raises MediationError."""
    parts = _URL.fullmatch(url)
    if parts is None:
        _, at, rest = url.rpartition("@")  # what stands before an @ may hold a password
        raise MediationError(
            f"'{'…@' if at else ''}{rest}' is not a URL that begins with http:// or https://"
        )
    scheme, authority, rest = parts[1].lower(), parts[2], parts[3]
    if "@" in authority:
        # the text is not repeated: it holds a password
        raise MediationError("A URL must not hold user and password; use <authentication> of the endpoint")
    route = _route(scheme, authority)
    if route is None:
        raise MediationError(f"'{url}' names no host, or its port is not from 1 to 65535")
    host = f"[{route.host}]" if ":" in route.host else route.host
    is_default = route.port == DEFAULT_PORTS[scheme]
    path = rest if rest.startswith("/") else f"/{rest}"
    return Target(route, host if is_default else f"{host}:{route.port}", quote(path, safe=_LEGAL))


def _route(scheme: str, authority: str) -> Route | None:
    try:
        ascii_authority = authority if authority.isascii() else authority.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    parts = _AUTHORITY.fullmatch(ascii_authority)
    if parts is None:
        return None
    port = int(parts[3]) if parts[3] else DEFAULT_PORTS[scheme]
    return Route(scheme, (parts[1] or parts[2]).lower(), port) if 0 < port < 65536 else None
