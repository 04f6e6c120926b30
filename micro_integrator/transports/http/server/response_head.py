"""Status line and headers of an answer as bytes. ◇

Left out of what the message carries: headers that belong to one connection, those that its own Connection header
names, and those written here (Content-Length, Date, Server) unless the settings preserve them.
"""

from collections.abc import Callable, Iterable
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus

from micro_integrator.kit import wall_ms
from micro_integrator.synapse import Headers, MediationError
from micro_integrator.transports.http.header_lines import HeaderLines, checked_value, encoded
from micro_integrator.transports.http.server.request_head import RequestHead

ORIGIN = "WSO2-PassThrough-HTTP"
"""What the header Server says when the message carries none."""
CHUNKED = -1
"""The length of a body that goes out in chunks."""
UNTIL_CLOSED = -2
"""The length of a body that ends with the connection."""
UNSAID = -3
"""The length of an answer whose head says nothing about a body."""

_OWN = frozenset({"date", "server"})
_PHRASES = {int(status): status.phrase for status in HTTPStatus} | {413: "Payload Too Large"}
_FRAMING = {CHUNKED: "Transfer-Encoding: chunked\r\n", UNTIL_CLOSED: "", UNSAID: ""}
_LINES = {status: f"HTTP/1.1 {status} {phrase}\r\n" for status, phrase in _PHRASES.items() if status >= 200}
_SERVER = f"Server: {ORIGIN}\r\n"
_CLOSING = "Connection: close\r\n"
_KEEPING = "Connection: keep-alive\r\n"


class AnswerHeadWriter:
    """Writes the heads of answers; the wall clock is asked once a second."""

    __slots__ = ("_correlation", "_date", "_keeps_date", "_keeps_server", "_lines", "_now_ms", "_until")

    def __init__(
        self, *, correlation_header: str, preserved: Iterable[str], now_ms: Callable[[], int] = wall_ms
    ) -> None:
        """Remember: `preserved` are headers of the message that win over those written here."""
        kept = {name.lower() for name in preserved}
        self._lines = HeaderLines((_OWN - kept) | {correlation_header.lower()})
        self._keeps_date, self._keeps_server = "date" in kept, "server" in kept
        self._correlation = f"{correlation_header}: "
        self._now_ms, self._date, self._until = now_ms, "", float("-inf")

    def written(
        self,
        head: RequestHead | None,
        status: int,
        headers: Headers,
        length: int,
        *,
        now: float,
        keeps_alive: bool = False,
        correlation_id: str = "",
        reason: str = "",
    ) -> bytes:
        """Return the head of the answer to `head`, or to a request that could not be read.

        `length` is a number of bytes, CHUNKED, UNTIL_CLOSED or UNSAID; `now` is a time of the running loop's clock.
        Raises MediationError for a status or a header that cannot be sent.
        """
        is_old = head is not None and head.is_old
        line = _LINES.get(status) if not (reason or is_old) else None
        date = self._date if now < self._until else self._new_date(now)
        server = _SERVER
        fields = ""
        if headers:
            fields = self._lines.written(headers)
            date = "" if self._keeps_date and "date" in headers else date
            server = "" if self._keeps_server and "server" in headers else server
        correlation = f"{self._correlation}{correlation_id}\r\n" if correlation_id else ""
        framing = f"Content-Length: {length}\r\n" if length >= 0 else _FRAMING[length]
        ending = (_KEEPING if is_old else "") if keeps_alive else _CLOSING
        return encoded(
            f"{line or _status_line(status, reason, is_old)}{date}{server}{fields}{correlation}{framing}{ending}\r\n"
        )

    def _new_date(self, now: float) -> str:
        milliseconds = self._now_ms()
        self._until = now + 1 - milliseconds % 1000 / 1000
        self._date = f"Date: {formatdate(milliseconds // 1000, usegmt=True)}\r\n"
        return self._date


@lru_cache(maxsize=256)
def _status_line(status: int, reason: str, is_old: bool) -> str:
    if not 200 <= status <= 999:
        raise MediationError(f"{status} is not a status an answer can have: expected 200 to 999")
    phrase = checked_value("HTTP_SC_DESC", reason) if reason else _PHRASES.get(status, "")
    return f"HTTP/1.{0 if is_old else 1} {status} {phrase}\r\n"
