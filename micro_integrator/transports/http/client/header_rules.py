"""Which headers of a message go out with a request. ◇

Dropped unless the settings preserve them: Date, Server and Expect, which the listener has met already. Host and
User-Agent are written in any case, those of the message if preserved.
"""

from collections.abc import Iterable

from micro_integrator.synapse import Headers
from micro_integrator.transports.http.header_lines import HeaderLines, checked_value

USER_AGENT = "Synapse-PT-HttpComponents-NIO"

_WRITTEN = frozenset({"host", "user-agent"})
_OWN = frozenset({"date", "server", "expect"})


class HeaderRules:
    """The settings, made up into what is written of each message."""

    def __init__(self, preserved: Iterable[str]) -> None:
        names = {name.lower() for name in preserved}
        self.lines = HeaderLines(_WRITTEN | (_OWN - names))
        """Writes all headers but Host and User-Agent."""
        self._keeps_host, self._keeps_agent = "host" in names, "user-agent" in names

    def host(self, headers: Headers, authority: str) -> str:
        """Return what Host says for a target called `authority`."""
        if self._keeps_host and (host := headers.get("host")):
            return checked_value("Host", host)
        return authority

    def agent(self, headers: Headers) -> str:
        """Return what User-Agent says."""
        if self._keeps_agent and (agent := headers.get("user-agent")):
            return checked_value("User-Agent", agent)
        return USER_AGENT
