"""Which targets are reached through a proxy. ◇"""

import re
from base64 import b64encode
from functools import lru_cache

from micro_integrator.config import HttpSenderSettings
from micro_integrator.transports.http.target import Proxy, Route


class Proxies:
    """The proxies of the settings: one for http and one for https targets."""

    def __init__(self, settings: HttpSenderSettings) -> None:
        self._proxies = {
            "http": _proxy(
                settings.proxy_host, settings.proxy_port, settings.proxy_username, settings.proxy_password
            ),
            "https": _proxy(
                settings.secured_proxy_host,
                settings.secured_proxy_port,
                settings.secured_proxy_username,
                settings.secured_proxy_password,
            ),
        }
        self._direct = {
            "http": _hosts(settings.non_proxy_hosts),
            "https": _hosts(settings.secured_non_proxy_hosts),
        }
        self.are_there = any(self._proxies.values())
        """Whether any target is reached through a proxy."""
        self.proxy_for = lru_cache(maxsize=1024)(self._proxy_for)
        """Return who connects to the target of a route, None when we do."""

    def _proxy_for(self, route: Route) -> Proxy | None:
        proxy = self._proxies[route.scheme]
        return None if proxy is None or self._direct[route.scheme].fullmatch(route.host) else proxy


def _proxy(host: str | None, port: int, user: str, password: str) -> Proxy | None:
    if host is None:
        return None
    credentials = b64encode(f"{user}:{password}".encode()).decode("ascii")
    return Proxy(host, port, f"Basic {credentials}" if user else None)


def _hosts(written: str) -> re.Pattern[str]:
    """Return what matches the names in a list separated by `|`, where `*` stands for any characters."""
    names = [
        re.escape(name.strip().lower()).replace(r"\*", ".*") for name in written.split("|") if name.strip()
    ]
    return re.compile("|".join(names) if names else r"(?!)")
