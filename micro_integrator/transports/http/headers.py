"""Which headers of a message go out with a request. ◇

Dropped always: what belongs to one connection, and what the sender computes itself. Dropped unless the settings
preserve it: Date, Server, User-Agent, Host.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from micro_integrator.synapse import Headers, MediationError

USER_AGENT = "Synapse-PT-HttpComponents-NIO"

_ONE_HOP = frozenset(
    {
        "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length",
        "proxy-connection", "proxy-authenticate", "proxy-authorization",
    }
)  # fmt: skip
_OWN = frozenset({"date", "server", "user-agent", "host"})
_FORGERY = re.compile(r"[\r\n\0]")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class HeaderRules:
    """The settings, made up into the names that are dropped."""

    def __init__(self, preserved: Iterable[str]) -> None:
        self._dropped = _ONE_HOP | (_OWN - {name.lower() for name in preserved})

    def fields(self, headers: Headers) -> Iterator[tuple[str, str]]:
        """Yield the fields that go out. Those named by the message's own Connection header do not."""
        dropped = self._dropped
        if "connection" in headers:
            dropped = dropped | {name.strip().lower() for name in headers["connection"].split(",")}
        for name, value in headers.items():
            if name.lower() not in dropped:
                yield name, value


def field_block(fields: Iterable[tuple[str, str]]) -> str:
    """Return header lines, each with its line end. Raises MediationError for what would forge another line."""
    lines = [f"{checked_name(name)}: {value}" for name, value in fields]
    block = "\r\n".join(lines)
    # one look at the whole: any line break or NUL beyond those that were put there came with a value
    if block.count("\n") >= max(len(lines), 1) or block.count("\r") >= max(len(lines), 1) or "\0" in block:
        culprit = next(line.partition(":")[0] for line in lines if _FORGERY.search(line))
        raise MediationError(f"The value of header {culprit} has a line break or a NUL character")
    return f"{block}\r\n" if lines else ""


@lru_cache(maxsize=256)
def checked_name(name: str) -> str:
    """Return the name of a header, or a method. Raises MediationError when it is none."""
    if not _TOKEN.fullmatch(name):
        raise MediationError(f"{name!r} cannot be the name of a header or a method")
    return name
