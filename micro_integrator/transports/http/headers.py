"""Which headers of a message go out with a request. ◇

Dropped always: what belongs to one connection, and what the sender computes itself. Dropped unless the settings
preserve them: Date and Server. Host and User-Agent are written in any case, those of the message if preserved.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from micro_integrator.synapse import Headers, MediationError

USER_AGENT = "Synapse-PT-HttpComponents-NIO"
MAX_KNOWN = 1024
"""Names whose treatment is remembered."""

_ONE_HOP = frozenset(
    {
        "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length",
        "proxy-connection", "proxy-authenticate", "proxy-authorization",
    }
)  # fmt: skip
_WRITTEN = frozenset({"host", "user-agent"})
_OWN = frozenset({"date", "server"})
_ONLY_ABOUT_CLOSING = frozenset({"keep-alive", "close", "Keep-Alive", "Close"})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class HeaderRules:
    """The settings, made up into what is written before the value of each header."""

    def __init__(self, preserved: Iterable[str]) -> None:
        names = {name.lower() for name in preserved}
        self._dropped = _ONE_HOP | _WRITTEN | (_OWN - names)
        self._keeps_host, self._keeps_agent = "host" in names, "user-agent" in names
        self._known: dict[str, str] = {}

    def host(self, headers: Headers, authority: str) -> str:
        """Return what Host says for a target called `authority`."""
        return headers.get("host") or authority if self._keeps_host else authority

    def agent(self, headers: Headers) -> str:
        """Return what User-Agent says."""
        return headers.get("user-agent") or USER_AGENT if self._keeps_agent else USER_AGENT

    def lines(self, headers: Headers, repeated: Iterable[tuple[str, str]] = ()) -> list[str]:
        """Return header lines without their ends. What the message's own Connection header names stays behind.

        Values are not looked at. Raises MediationError for a name that is none.
        """
        known, lines = self._known, []
        for name, value in headers.fields():
            beginning = known.get(name)
            if beginning is None:
                beginning = self._learn(name)
            if beginning:
                lines.append(beginning + value)
        for name, value in repeated:
            if beginning := self._learn(name):
                lines.append(beginning + value)
        if "connection" not in headers or (connection := headers["connection"]) in _ONLY_ABOUT_CLOSING:
            return lines
        hop_names = {name.strip() for name in connection.lower().split(",")}
        return [line for line in lines if line.partition(":")[0].lower() not in hop_names]

    def _learn(self, name: str) -> str:
        """Return the beginning of a line, empty when the header does not go out."""
        beginning = "" if name.lower() in self._dropped else f"{checked_name(name)}: "
        if len(self._known) < MAX_KNOWN:
            self._known[name] = beginning
        return beginning


@lru_cache(maxsize=256)
def checked_name(name: str) -> str:
    """Return the name of a header, or a method. Raises MediationError when it is none."""
    if not _TOKEN.fullmatch(name):
        raise MediationError(f"{name!r} cannot be the name of a header or a method")
    return name
