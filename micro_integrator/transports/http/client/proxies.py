"""Which targets are reached through a proxy. ◇"""

import re
from base64 import b64encode
from collections.abc import Callable, Sequence
from functools import lru_cache

from micro_integrator.config import HttpSenderSettings, ProxyProfileSettings
from micro_integrator.transports.http.client.target import Proxy, Route

Choice = Callable[[str], Proxy | None]
"""Returns who connects to a host for us, None when we do."""


class Proxies:
    """The proxies of the settings, apart for http and https targets: by profiles, or one for all of them."""

    def __init__(
        self,
        settings: HttpSenderSettings,
        profiles: Sequence[ProxyProfileSettings] = (),
        secured_profiles: Sequence[ProxyProfileSettings] = (),
    ) -> None:
        """Profiles go before the one proxy of `settings`."""
        plain = _proxy(
            settings.proxy_host, settings.proxy_port, settings.proxy_username, settings.proxy_password
        )
        secured = _proxy(
            settings.secured_proxy_host,
            settings.secured_proxy_port,
            settings.secured_proxy_username,
            settings.secured_proxy_password,
        )
        self._choices = {
            "http": _by_profile(profiles) if profiles else _one_for_all(plain, settings.non_proxy_hosts),
            "https": _by_profile(secured_profiles)
            if secured_profiles
            else _one_for_all(secured, settings.secured_non_proxy_hosts),
        }
        self.are_there = bool(profiles or secured_profiles or plain or secured)
        """Whether any target is reached through a proxy."""
        self.proxy_for = lru_cache(maxsize=1024)(self._proxy_for)
        """Return who connects to the target of a route, None when we do."""

    def _proxy_for(self, route: Route) -> Proxy | None:
        return self._choices[route.scheme](route.host)


def _by_profile(profiles: Sequence[ProxyProfileSettings]) -> Choice:
    ordered = [
        (one, _proxy(one.proxy_host, one.proxy_port, one.proxy_username, one.proxy_password))
        for one in sorted(profiles, key=lambda one: one.is_for_all)
    ]

    def choose(host: str) -> Proxy | None:
        for profile, proxy in ordered:
            if _names(profile.target_hosts, host):
                return None if _names(profile.bypass_hosts, host) else proxy
        return None

    return choose


def _one_for_all(proxy: Proxy | None, direct: str) -> Choice:
    direct_hosts = _hosts(direct)
    return lambda host: None if direct_hosts.fullmatch(host) else proxy


def _names(patterns: Sequence[re.Pattern[str]], host: str) -> bool:
    return any(pattern.fullmatch(host) for pattern in patterns)


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
