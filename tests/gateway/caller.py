"""A client that says every byte itself and reads answers with h11, a parser that is not ours."""

import contextlib
import socket
import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import h11
from harness.waiting import LIMIT

STUCK = 1.0
"""Seconds in which nothing is taken from somebody who is held up."""

_PIECE = 65_536
GET = b"GET %s HTTP/1.1\r\nHost: esb.example\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    """One answer; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def is_last(self) -> bool:
        """Whether the connection ends with it."""
        return "close" in self.headers.get("connection", "")


class Caller:
    """One connection to a port of loopback, closed at the end of the block."""

    def __init__(
        self, port: int, tls: ssl.SSLContext | None = None, receive_buffer: int | None = None
    ) -> None:
        """With `receive_buffer` the kernel keeps no more bytes than about so many for a client that does not read."""
        self._socket = socket.socket()
        self._socket.settimeout(LIMIT)
        if receive_buffer is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self._socket.connect(("127.0.0.1", port))
        if tls is not None:
            self._socket = tls.wrap_socket(self._socket, server_hostname="localhost")
        self._early = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()

    def leave(self) -> None:
        """Go away, whatever was begun."""
        self._socket.close()

    def send(self, data: bytes) -> None:
        """Say these bytes."""
        self._socket.sendall(data)

    def send_until_stuck(self, data: bytes) -> int:
        """Send until nobody takes anything for STUCK seconds, or hangs up; return how many bytes were taken."""
        self._socket.settimeout(STUCK)
        view, sent = memoryview(data), 0
        with contextlib.suppress(TimeoutError, ConnectionError):
            while sent < len(data):
                sent += self._socket.send(view[sent : sent + _PIECE])
        self._socket.settimeout(LIMIT)
        return sent

    def get(self, path: str) -> Answer:
        """Ask for `path`; return the answer."""
        self.send(GET % path.encode())
        return self.answer()

    def post(self, path: str, body: bytes, *headers: str) -> Answer:
        """Send a whole request with a body; return the answer."""
        self.send(post_head(path, len(body), *headers) + body)
        return self.answer()

    def answer(self, method: str = "GET") -> Answer:
        """Read one answer to a request of that method. Raises h11.RemoteProtocolError when it is cut off."""
        parser = _parser(method)
        if self._early:
            parser.receive_data(self._early)
        head: h11.Response | None = None
        body = bytearray()
        while not isinstance(event := parser.next_event(), h11.EndOfMessage):
            if isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif event is h11.NEED_DATA:
                parser.receive_data(self._socket.recv(_PIECE))
        self._early = parser.trailing_data[0]
        assert head is not None
        return Answer(head.status_code, _headers(head), bytes(body))

    def read(self, most: int) -> bytes:
        """Return some bytes, at most so many; none when the other side has closed."""
        return self._socket.recv(most)

    def rest(self) -> bytes:
        """Return everything that comes before the other side closes, however it does that."""
        pieces = [self._early]
        try:
            while piece := self._socket.recv(_PIECE):
                pieces.append(piece)
        except ConnectionError:
            pass  # cut off: also an end
        return b"".join(pieces)

    def peer_certificate(self) -> bytes:
        """Return the certificate that was shown, in DER."""
        assert isinstance(self._socket, ssl.SSLSocket)
        return self._socket.getpeercert(binary_form=True) or b""


def post_head(path: str, length: int, *headers: str) -> bytes:
    """Return the head of a request with a body of `length` bytes."""
    lines = [f"POST {path} HTTP/1.1", "Host: esb.example", "Content-Type: application/octet-stream", *headers]
    return "\r\n".join([*lines, f"Content-Length: {length}", "", ""]).encode()


def _parser(method: str) -> h11.Connection:
    """Return what reads the answer to a request of `method`, which others send."""
    parser = h11.Connection(h11.CLIENT)
    parser.send(h11.Request(method=method, target="/", headers=[("Host", "esb.example")]))
    parser.send(h11.EndOfMessage())
    return parser


def _headers(head: h11.Response) -> dict[str, str]:
    return {name.decode(): value.decode("latin-1") for name, value in head.headers}
