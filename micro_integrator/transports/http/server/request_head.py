"""The head of a request, read so strictly that no program beside this one can understand it differently. ◇

A request line that is not written as nearly everybody writes it is read once more: it is legal in a rarer way (a whole
URL as target, an empty line in front), or the first thing that is wrong with it is told.

Refused, although some programs take it: two lengths, a length beside a coding, any coding but `chunked`, folded lines,
line ends without CR, blanks before a colon, control characters, no Host or two of them.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from micro_integrator.synapse import Field, Headers
from micro_integrator.transports.http.known_lines import KnownLines
from micro_integrator.transports.http.limits import BARE_LINE_END, MAX_FIELDS, MAX_HEAD
from micro_integrator.transports.http.server.refusal import (
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
LINE_END = "\r\n"

_NAMING = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]"
_AIMING = r'[!"$-;=?-\[\]-~]'  # printable ASCII without # < > \
_SAYING = r"[\t -~\x80-\xff]"
_USUAL = re.compile(rf"({_NAMING}++) (/{_AIMING}*+) HTTP/1\.([01])")
_REQUEST_LINE = re.compile(rf"({_NAMING}+) ([!-~]+) HTTP/([0-9])\.([0-9])")
_FIELD = re.compile(rf"({_NAMING}++):[ \t]*+((?:{_SAYING}*[!-~\x80-\xff])?)[ \t]*+")
_PATH = re.compile(rf"/{_AIMING}*")
_WHOLE_URL = re.compile(rf"https?://([^/?]++)((?:[/?]{_AIMING}*+)?)", re.IGNORECASE)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z\-._~%!$&'()*+,;=]*)(?::[0-9]{0,5})?")
_NUMBER = re.compile(r"[0-9]{1,18}")
_BEGINNING = re.compile(rb"(?:\r\n)?(?:\r?\Z|[!#$%&'*+\-.^_`|~0-9A-Za-z])")
_SELDOM_WITH_BODY = frozenset({"GET", "HEAD", "DELETE"})
"""Methods after which the connection ends when they announce a body: programs in between disagree about those."""
_ONCE = frozenset({"host", "content-length", "transfer-encoding", "expect"})
"""Headers that may not come twice: programs in between could heed another one of them."""


@dataclass(slots=True)
class RequestHead:
    """What a head says."""

    method: str
    target: str
    """Path and query."""
    headers: Headers
    """As they came; whoever changes them copies them first."""
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


class RequestHeadReader:
    """Reads heads; `correlation_header` is the name of the header that holds the correlation id."""

    __slots__ = ("_correlation", "_known")

    def __init__(self, correlation_header: str) -> None:
        self._correlation = correlation_header.lower()
        self._known = KnownLines(_read_line, len)

    def read(self, raw: bytes) -> RequestHead:
        """Return what a complete head says, with the empty line at its end. Raises Refusal."""
        if len(raw) > MAX_LINE:
            check_beginning(raw)
        lines = raw.decode("latin-1").split(LINE_END)
        match, authority = _USUAL.fullmatch(lines[0]), ""
        if match is None:
            method, target, minor, authority = _examined(lines)
        else:
            method, target, minor = match.groups()
        if len(lines) > MAX_FIELDS + 3:  # the request line, and two empty ones
            raise Refusal(HEAD_TOO_LARGE, f"there are more than {MAX_FIELDS} headers")
        fields: dict[str, Field] = {}
        repeated: list[Field] = []
        known = self._known
        for line in lines[1:-2]:
            lowered, field = known[line]
            if lowered in fields:
                if lowered in _ONCE:
                    raise Refusal(BAD_REQUEST, f"the header {lowered} comes twice")
                repeated.append(field)
            else:
                fields[lowered] = field
        # a URL as target says which host is meant, whatever Host says; HTTP/1.1 must have sent a Host all the same
        if authority and ("host" in fields or minor == "0"):
            fields["host"] = "Host", authority
        return self._understood(method, target, minor == "0", fields, repeated)

    def _understood(
        self, method: str, target: str, is_old: bool, fields: dict[str, Field], repeated: list[Field]
    ) -> RequestHead:
        host, content_type, correlation = (
            fields.get("host"),
            fields.get("content-type"),
            fields.get(self._correlation),
        )
        if host is None and not is_old:
            raise Refusal(BAD_REQUEST, "there is no header Host")
        length: int | None = 0
        keeps_alive = not is_old
        if "connection" in fields:
            others = [value for name, value in repeated if name.lower() == "connection"]
            keeps_alive = _is_kept(", ".join([fields["connection"][1], *others]), is_old)
        if "content-length" in fields or "transfer-encoding" in fields:
            length = _length(fields.get("content-length"), fields.get("transfer-encoding"), is_old)
            keeps_alive = keeps_alive and method not in _SELDOM_WITH_BODY
        return RequestHead(
            method,
            target,
            Headers.adopt(fields, repeated),
            length,
            is_old,
            keeps_alive,
            "expect" in fields and _is_continue(fields["expect"][1], is_old),
            _without_port(host[1]) if host is not None and host[1] else "",
            "" if content_type is None else content_type[1],
            "" if correlation is None else correlation[1],
        )


def _read_line(line: str) -> tuple[str, Field]:
    """Return the header's name in lower case, and the header. Raises Refusal."""
    match = _FIELD.fullmatch(line)
    if match is None:
        raise Refusal(BAD_REQUEST, "a header is not NAME: VALUE, or has a character that is not allowed")
    name, value = match.groups()
    return name.lower(), (name, value)


def check_beginning(raw: bytes) -> None:
    """Raise Refusal when these bytes cannot become a head that is taken, however they go on."""
    if not _BEGINNING.match(raw):
        raise Refusal(BAD_REQUEST, "this is not HTTP")
    end = raw.find(b"\r\n", 2)
    if (len(raw) if end < 0 else end) > MAX_LINE:
        raise Refusal(TARGET_TOO_LONG, f"the request line is longer than {MAX_LINE} bytes")
    if len(raw) > MAX_HEAD:
        raise Refusal(HEAD_TOO_LARGE, f"the head is larger than {MAX_HEAD} bytes")
    if BARE_LINE_END.search(raw):
        raise Refusal(BAD_REQUEST, "a line ends without CR")


def _examined(lines: list[str]) -> tuple[str, str, str, str]:
    """Return method, path, minor version, and the authority of a target that is a URL. Raises Refusal."""
    if not lines[0]:
        del lines[0]
    match = _REQUEST_LINE.fullmatch(lines[0])
    if match is None:
        raise Refusal(BAD_REQUEST, "the first line is not METHOD TARGET VERSION")
    method, target, major, minor = match.groups()
    if major != "1":
        raise Refusal(UNKNOWN_VERSION, f"HTTP/{major}.{minor} is not spoken here")
    path, authority = _target(method, target)
    return method, path, "0" if minor == "0" else "1", authority


def _target(method: str, target: str) -> tuple[str, str]:
    """Return path with query, and the authority when the target is a whole URL."""
    if _PATH.fullmatch(target) or (target == "*" and method == "OPTIONS"):
        return target, ""
    match = _WHOLE_URL.fullmatch(target)
    if match is None or "@" in match[1] or method == "CONNECT":
        raise Refusal(
            BAD_REQUEST, "the target is neither a path nor a URL, or has a character that is not allowed"
        )
    authority, path = match.groups()
    return path if path.startswith("/") else f"/{path}", authority


def _length(counted: Field | None, coding: Field | None, is_old: bool) -> int | None:
    if coding is None:
        if counted is None or not _NUMBER.fullmatch(counted[1]):
            raise Refusal(BAD_REQUEST, "Content-Length is not one number")
        return int(counted[1])
    if counted is not None:
        raise Refusal(BAD_REQUEST, "there are both Content-Length and Transfer-Encoding")
    if is_old:
        raise Refusal(BAD_REQUEST, "Transfer-Encoding does not exist in HTTP/1.0")
    if coding[1].lower() != "chunked":
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
