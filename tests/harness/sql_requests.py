"""What a client asks its database, read from the bytes it sends: a statement is seen when it is about to run.

Limits: connections without TLS; on MariaDB statements sent as text, which is how pymysql and aiomysql send all.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

_PROTOCOL_3 = 3
_QUERY, _PARSE, _BIND, _CLOSE = b"Q", b"P", b"B", b"C"
_COM_QUERY = 3


class Requests(Protocol):
    """Follows one connection."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take the next bytes of the client; return the requests that they complete, each as text and values."""
        ...


class AnyBytes:
    """For protocols that nobody reads here: each piece that arrives counts as a request."""

    def feed(self, chunk: bytes) -> list[bytes]:
        """See Requests."""
        return [chunk]


class PostgreSQLRequests:
    """Knows the text of each prepared statement, so that a Bind, which only names it, is recognised."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._is_greeted = False
        self._texts: dict[bytes, bytes] = {}

    def feed(self, chunk: bytes) -> list[bytes]:
        """See Requests."""
        self._rest += chunk
        found = (self._request(kind, body) for kind, body in self._messages())
        return [request for request in found if request is not None]

    def _messages(self) -> Iterator[tuple[bytes, bytes]]:
        while True:
            head = 1 if self._is_greeted else 0  # before the greeting is over messages have no kind
            if len(self._rest) < head + 4:
                return
            size = head + int.from_bytes(self._rest[head : head + 4])
            if len(self._rest) < size:
                return
            message = bytes(self._rest[:size])
            del self._rest[:size]
            if self._is_greeted:
                yield message[:1], message[5:]
            else:  # a question for encryption may come first
                self._is_greeted = int.from_bytes(message[4:6]) == _PROTOCOL_3

    def _request(self, kind: bytes, body: bytes) -> bytes | None:
        if kind == _QUERY:
            return body
        if kind == _PARSE:
            name, text, _ = body.split(b"\0", 2)
            self._texts[name] = text
        elif kind == _BIND:
            _, name, values = body.split(b"\0", 2)
            return self._texts.get(name, b"") + b"\0" + values
        elif kind == _CLOSE and body.startswith(b"S"):
            self._texts.pop(body[1:].rstrip(b"\0"), None)
        return None


class MariaDBRequests:
    """Reads packets: a command is the packet with the number 0."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> list[bytes]:
        """See Requests."""
        self._rest += chunk
        return [body[1:] for number, body in self._packets() if number == 0 and body[0] == _COM_QUERY]

    def _packets(self) -> Iterator[tuple[int, bytes]]:
        while len(self._rest) >= 4:
            size = 4 + int.from_bytes(self._rest[:3], "little")
            if len(self._rest) < size:
                return
            number, body = self._rest[3], bytes(self._rest[4:size])
            del self._rest[:size]
            yield number, body


READERS: dict[str, Callable[[], Requests]] = {"postgresql": PostgreSQLRequests, "mariadb": MariaDBRequests}
"""Kind of database → what reads its clients."""
