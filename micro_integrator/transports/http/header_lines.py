"""The headers of a message as lines of a head. ◇

Left out is what belongs to one connection, what the writer of the head adds itself, and what the message's own
Connection header names. No value can forge another line.
"""

import re
from collections.abc import Collection, Iterable

from micro_integrator.synapse import Field, Headers, MediationError
from micro_integrator.transports.http.known_lines import KnownLines

ONE_HOP = frozenset(
    {
        "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length",
        "proxy-connection", "proxy-authenticate", "proxy-authorization",
    }
)  # fmt: skip

_ONLY_ABOUT_CLOSING = frozenset({"keep-alive", "close", "Keep-Alive", "Close"})
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_FORGERY = re.compile(r"[\r\n\0]")


class HeaderLines:
    """Writes headers; most of them come again."""

    def __init__(self, dropped: Iterable[str] = ()) -> None:
        """Remember: `dropped` are further headers, in lower case, that are left out."""
        self._dropped = ONE_HOP | frozenset(dropped)
        self._known: KnownLines[Field, str] = KnownLines(self._line, _length)

    def written(self, headers: Headers, more: Collection[Field] = ()) -> str:
        """Return the lines of `headers` and `more`. Raises MediationError for what cannot be sent."""
        fields = [*headers.fields(), *more] if more else headers.fields()
        if "connection" in headers and (connection := _connection(headers)) not in _ONLY_ABOUT_CLOSING:
            named = {word.strip().lower() for word in connection.split(",")}
            fields = [field for field in fields if field[0].lower() not in named]
        return "".join(map(self._known.__getitem__, fields))

    def _line(self, field: Field) -> str:
        """Return the line of a header, empty when it is left out."""
        name, value = field
        if name.lower() in self._dropped:
            return ""
        return f"{checked_name(name)}: {checked_value(name, value)}\r\n"


def _length(field: Field) -> int:
    return len(field[0]) + len(field[1])


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
