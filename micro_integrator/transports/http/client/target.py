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
_LEGAL_PATH = re.compile(r"/[%/:?\[\]@!$&'()*+,;=\-._~0-9A-Za-z]*")
_BEHIND_SCHEME = len("http://")


class Proxy(NamedTuple):
    """A server that connects to the target for us."""

    host: str
    port: int
    authorization: str | None = None
    """The value of Proxy-Authorization."""


class Route(NamedTuple):
    """Connections of one route are interchangeable."""

    scheme: str
    host: str
    port: int
    proxy: Proxy | None = None
    profile: str = ""
    """Name of the TLS profile, empty for the usual one."""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"


class Origin(NamedTuple):
    """A server as URLs name it."""

    route: Route
    authority: str
    """Host and, unless it is the default one, port."""

    def absolute(self, path: str) -> str:
        """Return the request target with scheme and host, as proxies want it."""
        return f"{self.route.scheme}://{self.authority}{path}"


def target_of(url: str) -> tuple[Origin, str]:
    """Return where an absolute http or https URL leads, and path and query fit for a request line.

    A fragment is left out. Raises MediationError.
    """
    # the usual URL is cut in two and one half of it is known: much cheaper than taking it apart
    cut = url.find("/", _BEHIND_SCHEME + 1)
    if cut > 0 and _LEGAL_PATH.fullmatch(url, cut) and (origin := _known_origin(url[:cut])) is not None:
        return origin, url[cut:]
    return _taken_apart(url)


@lru_cache(maxsize=1024)
def _known_origin(beginning: str) -> Origin | None:
    """Return the server of a URL without a path, None when the text is none or something is wrong with it."""
    parts = _URL.fullmatch(beginning)
    if parts is None or parts[3] or "#" in beginning:
        return None
    return _origin(parts[1].lower(), parts[2])


def _taken_apart(url: str) -> tuple[Origin, str]:
    parts = _URL.fullmatch(url)
    if parts is None:
        _, at, rest = url.rpartition("@")  # what stands before an @ may hold a password
        raise MediationError(
            f"'{'…@' if at else ''}{rest}' is not a URL that begins with http:// or https://"
        )
    if "@" in parts[2]:
        # the text is not repeated: it holds a password
        raise MediationError("A URL must not hold user and password; use <authentication> of the endpoint")
    origin = _origin(parts[1].lower(), parts[2])
    if origin is None:
        raise MediationError(f"'{url}' names no host, or its port is not from 1 to 65535")
    path = parts[3] if parts[3].startswith("/") else f"/{parts[3]}"
    return origin, quote(path, safe=_LEGAL, errors="surrogatepass")


def _origin(scheme: str, authority: str) -> Origin | None:
    try:
        ascii_authority = authority if authority.isascii() else authority.encode("idna").decode("ascii")
    except UnicodeError:
        return None
    parts = _AUTHORITY.fullmatch(ascii_authority)
    if parts is None:
        return None
    host, port = (parts[1] or parts[2]).lower(), int(parts[3]) if parts[3] else DEFAULT_PORTS[scheme]
    if not 0 < port < 65536:
        return None
    shown = f"[{host}]" if ":" in host else host
    is_default = port == DEFAULT_PORTS[scheme]
    return Origin(Route(scheme, host, port), shown if is_default else f"{shown}:{port}")
