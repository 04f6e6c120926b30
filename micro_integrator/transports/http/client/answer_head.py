"""The head of an answer, read strictly: what two programs could understand differently is refused. ◇

Refused are folded lines, bare line feeds, blanks before a colon, two lengths, a length beside a transfer coding, and
codings other than `chunked`.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from micro_integrator.synapse import Field, Headers
from micro_integrator.transports.http.body_reader import BodyReader, Counted, Endless
from micro_integrator.transports.http.chunks import ChunkReader
from micro_integrator.transports.http.known_lines import KnownLines
from micro_integrator.transports.http.limits import MAX_FIELDS

BODILESS = frozenset({204, 205, 304})
"""Statuses without a body, whatever their headers say."""

_STATUS_LINE = re.compile(r"HTTP/1\.([01]) ([1-9][0-9]{2})(?: ([\t -~\x80-\xff]*))?")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_DIGITS = re.compile(r"[0-9]{1,18}")
_IDLE_LIMIT = re.compile(r"\btimeout\s*=\s*([0-9]{1,6})", re.IGNORECASE)
_NO_NAMES: frozenset[str] = frozenset()
_SWITCHING = 101
_STAYING = "keep-alive"


class NotHttp(Exception):
    """The bytes are no answer to a request of ours."""


class Unusable(Exception):
    """The answer is HTTP, but more of it than we take."""


class Remark(NamedTuple):
    """What a header says about body and connection, its length apart."""

    is_chunked: bool = False
    is_closing: bool = False
    idle_limit: float | None = None
    hop_names: frozenset[str] = _NO_NAMES


class AnswerHead:
    """Status line and headers, and what they say about the body and the connection."""

    __slots__ = (
        "headers", "hop_names", "idle_limit", "is_chunked", "keeps_alive", "length", "reason", "status",
    )  # fmt: skip

    def __init__(
        self, status: int, reason: str, headers: Headers, keeps_alive: bool, length: int | None
    ) -> None:
        self.status, self.reason, self.headers = status, reason, headers
        self.length = length
        """Bytes of the body that the head announces; None when it does not."""
        self.keeps_alive = keeps_alive
        """Whether the back end is willing to take another request on this connection."""
        self.is_chunked = False
        self.idle_limit: float | None = None
        """Seconds after which the back end closes the connection when it is idle, if it says so."""
        self.hop_names = _NO_NAMES
        """Further headers, in lower case, that are not for anybody behind us."""


def read_head(raw: bytes) -> AnswerHead:
    """Return the head whose bytes, without the empty line at the end, are `raw`. Raises NotHttp, Unusable."""
    first, *lines = raw.decode("latin-1").split("\r\n")
    is_recent, status, reason = _status_line(first)
    if len(lines) > MAX_FIELDS:
        raise Unusable(f"it has more than {MAX_FIELDS} headers")
    fields: dict[str, Field] = {}
    repeated: list[Field] = []
    remarks: list[Remark] | None = None
    length: int | None = None
    for line in lines:
        lowered, field, found = _known[line]
        if lowered in fields:
            repeated.append(field)
        else:
            fields[lowered] = field
        if found is None:
            continue
        if isinstance(found, Remark):
            remarks = [found] if remarks is None else [*remarks, found]
        elif length is None:
            length = found
        else:
            raise NotHttp("its length is announced twice")
    headers = Headers.adopt(fields, repeated)
    head = AnswerHead(status, reason, headers, is_recent or _is_staying(headers), length)
    if remarks is not None:
        _heed(head, remarks, is_recent)
    return head


@lru_cache(maxsize=64)
def _status_line(line: str) -> tuple[bool, int, str]:
    """Return whether it is HTTP/1.1, status and reason."""
    parts = _STATUS_LINE.fullmatch(line)
    if parts is None:
        raise NotHttp(f"{line[:40]!r} is no status line")
    if parts[2] == str(_SWITCHING):
        raise NotHttp("it changes to a protocol that nobody asked for")
    return parts[1] == "1", int(parts[2]), (parts[3] or "").strip()


def _read_line(line: str) -> tuple[str, Field, int | Remark | None]:
    """Return the header's name in lower case, the header, and what it says. Raises NotHttp."""
    name, colon, value = line.partition(":")
    value = value.strip(" \t")
    if not colon or _TOKEN.fullmatch(name) is None or _CONTROL.search(value) is not None:
        raise NotHttp(f"{line[:40]!r} is no header")
    lowered = name.lower()
    return lowered, (name, value), _remark(lowered, value)


_known = KnownLines(_read_line, len)


def _remark(name: str, value: str) -> int | Remark | None:
    if name == "content-length":
        if _DIGITS.fullmatch(value) is None:
            raise NotHttp("its length is not one number")
        return int(value)
    if name == "transfer-encoding":
        if value.lower() != "chunked":
            raise NotHttp(f"its transfer coding is {value[:40]!r}")
        return Remark(is_chunked=True)
    if name == "connection":
        names = frozenset(name.strip() for name in value.lower().split(","))
        others = names - {"", "close", _STAYING}
        # that it stays goes without saying, except in HTTP/1.0, which is seldom enough to look for it there
        return Remark(is_closing="close" in names, hop_names=others) if "close" in names or others else None
    if name == "keep-alive" and (limit := _IDLE_LIMIT.search(value)) is not None:
        return Remark(idle_limit=float(limit[1]))
    return None


def _heed(head: AnswerHead, remarks: list[Remark], is_recent: bool) -> None:
    for one in remarks:
        if one.is_chunked and (head.is_chunked or head.length is not None or not is_recent):
            raise NotHttp("its length is announced in two ways")
        head.is_chunked = head.is_chunked or one.is_chunked
        head.hop_names |= one.hop_names
        if one.idle_limit is not None:
            head.idle_limit = one.idle_limit
        if one.is_closing:
            head.keeps_alive = False


def _is_staying(headers: Headers) -> bool:
    fields = headers.fields()
    return any(name.lower() == "connection" and _STAYING in value.lower() for name, value in fields)


def reader_for(head: AnswerHead, length: int | None) -> BodyReader:
    """Return what reads the body behind `head`; `length` is the one that counts for this request."""
    if length is not None:
        return Counted(length)
    return ChunkReader() if head.is_chunked else Endless()
