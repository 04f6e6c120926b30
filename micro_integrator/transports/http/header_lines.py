"""The headers of a message as lines of a head. ◇

Left out is what belongs to one connection, what the writer of the head adds itself, and what the message's own
Connection header names. No value can forge another line.
"""

import re
from collections.abc import Collection, Iterable

from micro_integrator.synapse import Headers, MediationError
from micro_integrator.transports.http.known_lines import LONG, MAX_KNOWN

ONE_HOP = frozenset(
    {
        "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length",
        "proxy-connection", "proxy-authenticate", "proxy-authorization",
    }
)  # fmt: skip

Field = tuple[str, str]
"""Name and value."""

_ONLY_ABOUT_CLOSING = frozenset({"keep-alive", "close", "Keep-Alive", "Close"})
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FORGERY = re.compile(r"[\r\n\0]")


class HeaderLines(dict[Field, str]):
    """A header → its line, '' when it is left out. Fills itself: most headers come again."""

    def __init__(self, dropped: Iterable[str] = ()) -> None:
        """Remember: `dropped` are further headers, in lower case, that are left out."""
        super().__init__()
        self._dropped = ONE_HOP | frozenset(dropped)

    def __missing__(self, field: Field) -> str:
        name, value = field
        is_dropped = name.lower() in self._dropped
        line = "" if is_dropped else f"{checked_name(name)}: {checked_value(name, value)}\r\n"
        if len(name) + len(value) < LONG:
            if len(self) >= MAX_KNOWN:  # they come from strangers
                self.clear()
            self[field] = line
        return line

    def written(self, headers: Headers, more: Collection[Field] = ()) -> str:
        """Return the lines of `headers` and `more`. Raises MediationError for what cannot be sent."""
        fields = [*headers.fields(), *more] if more else headers.fields()
        if "connection" in headers and (connection := _connection(headers)) not in _ONLY_ABOUT_CLOSING:
            named = {word.strip().lower() for word in connection.split(",")}
            fields = [field for field in fields if field[0].lower() not in named]
        return "".join(map(self.__getitem__, fields))


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
