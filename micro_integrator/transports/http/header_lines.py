"""The headers of a message as lines of a head. ◇

Left out is what belongs to one connection, what the writer of the head adds itself, and what the message's own
Connection header names. No value can forge another line.
"""

import re
from collections.abc import Iterable

from micro_integrator.synapse import Headers, MediationError

ONE_HOP = frozenset(
    {
        "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length",
        "proxy-connection", "proxy-authenticate", "proxy-authorization",
    }
)  # fmt: skip

_ONLY_ABOUT_CLOSING = frozenset({"keep-alive", "close", "Keep-Alive", "Close"})
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FORGERY = re.compile(r"[\r\n\0]")


class HeaderLines(dict[str, str]):
    """A header's name → `Name: `, what its line begins with; '' when the header is left out. Fills itself."""

    MOST, LONGEST = 1000, 64

    def __init__(self, dropped: Iterable[str] = ()) -> None:
        """Remember: `dropped` are further headers, in lower case, that are left out."""
        super().__init__()
        self._dropped = ONE_HOP | frozenset(dropped)

    def __missing__(self, name: str) -> str:
        found = "" if name.lower() in self._dropped else f"{checked_name(name)}: "
        if len(self) < self.MOST and len(name) <= self.LONGEST:  # names come from strangers
            self[name] = found
        return found

    def written(self, headers: Headers, more: Iterable[tuple[str, str]] = ()) -> str:
        """Return the lines of `headers` and `more`. Raises MediationError for what cannot be sent."""
        lines = [f"{start}{value}\r\n" for name, value in headers.fields() if (start := self[name])]
        if more:
            lines += [f"{start}{value}\r\n" for name, value in more if (start := self[name])]
        if "connection" in headers and (connection := _connection(headers)) not in _ONLY_ABOUT_CLOSING:
            named = {word.strip().lower() for word in connection.split(",")}
            lines = [line for line in lines if line.partition(":")[0].lower() not in named]
        text = "".join(lines)
        # one look at the whole: any line end beyond those that were put there came with a value
        if text.count("\n") != len(lines) or text.count("\r") != len(lines) or "\0" in text:
            for line in lines:
                name, _, value = line[:-2].partition(": ")
                checked_value(name, value)
        return text


def _connection(headers: Headers) -> str:
    others = [value for name, value in headers.repeated if name.lower() == "connection"]
    return ",".join([headers["connection"], *others])


def checked_name(name: str) -> str:
    """Return the name of a header, or a method. Raises MediationError when it is none."""
    if not _TOKEN.fullmatch(name):
        raise MediationError(f"{name!r} cannot be the name of a header or a method")
    return name


def checked_value(name: str, value: str) -> str:
    """Return the value of the header `name`. Raises MediationError when it would end the line."""
    if _FORGERY.search(value):
        raise MediationError(f"The value of header {name} has a line break or a NUL character")
    return value


def encoded(head: str) -> bytes:
    """Return the bytes of a head. Raises MediationError for characters that no head can have."""
    try:
        return head.encode("latin-1")
    except UnicodeEncodeError as error:
        text = "A header has characters beyond ISO-8859-1; encode its value"
        raise MediationError(text, detail=str(error)) from error
