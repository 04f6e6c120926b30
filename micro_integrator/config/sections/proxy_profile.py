"""[[transport.http.proxy_profile]] and [[transport.http.secured_proxy_profile]]: proxies by the host of the target."""

import re

from micro_integrator.config.keys import REQUIRED, key, section
from micro_integrator.config.kinds import Kind, Mismatch, filled, integer, string, strings

_EVERY = ".*"
_PROXY_PORT = 8080


def _hosts(value: object) -> tuple[re.Pattern[str], ...]:
    try:
        return tuple(
            re.compile(_EVERY if text == "*" else text, re.IGNORECASE) for text in strings.read(value)
        )
    except re.error as error:
        raise Mismatch from error


hosts = Kind("a list of regular expressions for whole host names, or * for all", _hosts)
"""Which hosts are meant; `.fullmatch` tells."""


@section("transport.http.proxy_profile", is_array=True)
class ProxyProfileSettings:
    """A proxy for some targets. The first profile that fits counts, one for all hosts only after the others; a target
    without one is reached directly, and the proxy of `[transport.http.sender]` is not asked.
    """

    target_hosts: tuple[re.Pattern[str], ...] = key(
        REQUIRED, kind=hosts, doc="hosts that are reached through this proxy"
    )
    proxy_host: str = key(REQUIRED, kind=filled, doc="the proxy")
    proxy_port: int = key(_PROXY_PORT, kind=integer(at_least=1, at_most=65535), doc="its port")
    proxy_username: str = key("", kind=string, doc="user of the proxy")
    proxy_password: str = key("", kind=string, is_secret=True, doc="password of that user")
    bypass_hosts: tuple[re.Pattern[str], ...] = key(
        [], kind=hosts, doc="hosts that are reached directly although `target_hosts` names them"
    )

    @property
    def is_for_all(self) -> bool:
        """Whether it is for every host that has no profile of its own."""
        return any(pattern.pattern == _EVERY for pattern in self.target_hosts)
