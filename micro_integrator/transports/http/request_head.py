"""The head of a request, read so strictly that no program beside this one can understand it differently. ◇

One expression matches the heads that are legal in every byte and written as nearly everybody writes them. A head that
it does not match is read once more, line by line: it is legal in a rarer way (blanks around a value, a whole URL as
target, an empty line in front), or the first thing that is wrong with it is told.

Refused, although some programs take it: two lengths, a length beside a coding, any coding but `chunked`, folded lines,
line ends without CR, blanks before a colon, control characters, no Host or two of them.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from micro_integrator.transports.http.refusal import (
    BAD_REQUEST,
    HEAD_TOO_LARGE,
    TARGET_TOO_LONG,
    UNKNOWN_CODING,
    UNKNOWN_EXPECTATION,
    UNKNOWN_VERSION,
    Refusal,
)

MAX_LINE = 8192
"""Bytes of the request line."""
MAX_HEAD = 65536
"""Bytes of request line and headers."""
MAX_FIELDS = 256
LINE_END = "\r\n"
HEAD_END = b"\r\n\r\n"

_NAMING = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
_AIMING = r'[!"$-;=?-\[\]-~]'  # printable ASCII without # < > \
_SAYING = r"[\t -~\x80-\xff]"
_USUAL_FIELD = rf"{_NAMING}++: (?![ \t]){_SAYING}*+(?<![ \t])\r\n"
_USUAL = re.compile(rf"({_NAMING}++) (/{_AIMING}*+) HTTP/1\.([01])\r\n(?:{_USUAL_FIELD})++\r\n")
_REQUEST_LINE = re.compile(rf"({_NAMING}+) ([!-~]+) HTTP/([0-9])\.([0-9])")
_FIELD = re.compile(rf"({_NAMING}+):[ \t]*((?:{_SAYING}*[!-~\x80-\xff])?)[ \t]*")
_PATH = re.compile(rf"/{_AIMING}*")
_WHOLE_URL = re.compile(rf"https?://([^/?]+)(/{_AIMING}*)?(\?{_AIMING}*)?", re.IGNORECASE)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z\-._~%!$&'()*+,;=]*)(?::[0-9]{0,5})?")
_NUMBER = re.compile(r"[0-9]{1,18}")
_BARE_LINE_END = re.compile(rb"(?<!\r)\n")
_BEGINNING = re.compile(rb"(?:\r\n)?(?:\r?\Z|[!#$%&'*+\-.^_`|~0-9A-Za-z])")
_SELDOM_WITH_BODY = frozenset({"GET", "HEAD", "DELETE"})
"""Methods after which the connection ends when they announce a body: programs in between disagree about those."""
_LISTS = frozenset({"connection"})
_TELLING = frozenset({"host", "content-length", "transfer-encoding", "connection", "expect", "content-type"})


@dataclass(slots=True)
class RequestHead:
    """What a head says."""

    method: str
    target: str
    """Path and query."""
    fields: list[tuple[str, str]]
    """Headers as they were written, in their order."""
    length: int | None
    """Bytes of the body; None when it comes in chunks."""
    is_old: bool
    """Whether the client speaks HTTP/1.0."""
    keeps_alive: bool
    """Whether another request may follow on the connection."""
    expects_continue: bool
    """Whether the client waits for a word before it sends the body."""
    host: str
    """Host without its port; empty when there is none."""
    content_type: str
    correlation_id: str
    """Empty when the client gave none."""


class HeadReader:
    """Reads heads; `correlation_header` is the name of the header that holds the correlation id."""

    __slots__ = ("_correlation", "_spellings")

    def __init__(self, correlation_header: str) -> None:
        self._correlation = correlation_header.lower()
        self._spellings = _Spellings(_TELLING | {self._correlation})

    def read(self, raw: bytes) -> RequestHead:
        """Return what a complete head says, with the empty line at its end. Raises Refusal."""
        if len(raw) > MAX_LINE:
            check_beginning(raw)
        text = raw.decode("latin-1")
        match = _USUAL.fullmatch(text)
        if match is None:
            method, target, minor, lines = _examined(text)
        else:
            method, target, minor = match.groups()
            lines = text[match.end(3) + 2 : -4].split(LINE_END)
        if len(lines) > MAX_FIELDS:
            raise Refusal(HEAD_TOO_LARGE, f"there are more than {MAX_FIELDS} headers")
        fields: list[tuple[str, str]] = []
        told: dict[str, str] = {}
        spellings = self._spellings
        for line in lines:
            name, _, value = line.partition(": ")
            fields.append((name, value))
            if key := spellings[name]:
                told[key] = _together(key, told[key], value) if key in told else value
        return self._understood(method, target, minor == "0", fields, told)

    def _understood(
        self, method: str, target: str, is_old: bool, fields: list[tuple[str, str]], told: dict[str, str]
    ) -> RequestHead:
        get = told.get
        host, connection = get("host"), get("connection")
        if host is None and not is_old:
            raise Refusal(BAD_REQUEST, "there is no header Host")
        length: int | None = 0
        keeps_alive = _is_kept(connection, is_old) if connection else not is_old
        if "content-length" in told or "transfer-encoding" in told:
            length = _length(get("content-length"), get("transfer-encoding"), is_old)
            keeps_alive = keeps_alive and method not in _SELDOM_WITH_BODY
        return RequestHead(
            method,
            target,
            fields,
            length,
            is_old,
            keeps_alive,
            "expect" in told and _is_continue(told["expect"], is_old),
            _without_port(host) if host else "",
            get("content-type", ""),
            get(self._correlation, ""),
        )


class _Spellings(dict[str, str]):
    """How a header's name is written → its lower-case form when heads are judged by it, else ''; fills itself."""

    MOST, LONGEST = 1000, 64

    def __init__(self, telling: Iterable[str]) -> None:
        super().__init__()
        self._telling = frozenset(telling)

    def __missing__(self, name: str) -> str:
        lowered = name.lower()
        found = lowered if lowered in self._telling else ""
        if len(self) < self.MOST and len(name) <= self.LONGEST:  # names come from strangers
            self[name] = found
        return found


def check_beginning(raw: bytes) -> None:
    """Raise Refusal when these bytes cannot become a head that is taken, however they go on."""
    if not _BEGINNING.match(raw):
        raise Refusal(BAD_REQUEST, "this is not HTTP")
    end = raw.find(b"\r\n", 2)
    if (len(raw) if end < 0 else end) > MAX_LINE:
        raise Refusal(TARGET_TOO_LONG, f"the request line is longer than {MAX_LINE} bytes")
    if len(raw) > MAX_HEAD:
        raise Refusal(HEAD_TOO_LARGE, f"the head is larger than {MAX_HEAD} bytes")
    if _BARE_LINE_END.search(raw):
        raise Refusal(BAD_REQUEST, "a line ends without CR")


def _examined(text: str) -> tuple[str, str, str, list[str]]:
    """Return method, path, minor version and the header lines in their usual form. Raises Refusal."""
    first, *rest = text.removeprefix(LINE_END)[:-4].split(LINE_END)
    match = _REQUEST_LINE.fullmatch(first)
    if match is None:
        raise Refusal(BAD_REQUEST, "the first line is not METHOD TARGET VERSION")
    method, target, major, minor = match.groups()
    if major != "1":
        raise Refusal(UNKNOWN_VERSION, f"HTTP/{major}.{minor} is not spoken here")
    fields = [_field(line) for line in rest]
    target, authority = _target(method, target)
    if authority:  # a URL as target says which host is meant, whatever Host says
        others = [field for field in fields if field[0].lower() != "host"]
        if len(fields) - len(others) > 1:
            raise Refusal(BAD_REQUEST, "the header host comes twice")
        fields = [("Host", authority), *others]
    return method, target, "0" if minor == "0" else "1", [f"{name}: {value}" for name, value in fields]


def _field(line: str) -> tuple[str, str]:
    match = _FIELD.fullmatch(line)
    if match is None:
        raise Refusal(BAD_REQUEST, "a header is not NAME: VALUE, or has a character that is not allowed")
    return match[1], match[2]


def _target(method: str, target: str) -> tuple[str, str]:
    """Return path with query, and the authority when the target is a whole URL."""
    if _PATH.fullmatch(target) or (target == "*" and method == "OPTIONS"):
        return target, ""
    match = _WHOLE_URL.fullmatch(target)
    if match is None or "@" in match[1] or method == "CONNECT":
        raise Refusal(
            BAD_REQUEST, "the target is neither a path nor a URL, or has a character that is not allowed"
        )
    authority, path, query = match.groups("")
    return f"{path or '/'}{query}", authority


def _together(key: str, former: str, value: str) -> str:
    if key in _LISTS:
        return f"{former}, {value}"
    if key in _TELLING and key != "content-type":
        raise Refusal(BAD_REQUEST, f"the header {key} comes twice")
    return former


def _length(counted: str | None, coding: str | None, is_old: bool) -> int | None:
    if coding is None:
        if counted is None or not _NUMBER.fullmatch(counted):
            raise Refusal(BAD_REQUEST, "Content-Length is not one number")
        return int(counted)
    if counted is not None:
        raise Refusal(BAD_REQUEST, "there are both Content-Length and Transfer-Encoding")
    if is_old:
        raise Refusal(BAD_REQUEST, "Transfer-Encoding does not exist in HTTP/1.0")
    if coding.lower() != "chunked":
        raise Refusal(UNKNOWN_CODING, "Transfer-Encoding is not just chunked")
    return None


@lru_cache(maxsize=256)
def _is_kept(connection: str, is_old: bool) -> bool:
    words = {word.strip().lower() for word in connection.split(",")}
    return "keep-alive" in words and "close" not in words if is_old else "close" not in words


def _is_continue(expectation: str, is_old: bool) -> bool:
    if expectation.lower() != "100-continue":
        raise Refusal(UNKNOWN_EXPECTATION, "only 100-continue can be expected")
    return not is_old


@lru_cache(maxsize=1024)
def _without_port(host: str) -> str:
    match = _HOST.fullmatch(host)
    if match is None:
        raise Refusal(BAD_REQUEST, "Host is no host")
    return match[1]
