"""What a line of the access log holds: a pattern, made up into a function when the listener starts.

%a %h remote address    %A local address    %p local port    %v server name    %l %u always -
%m method    %U path    %q query with ?    %H protocol    %r the request line    %s status
%b %B bytes of the answer's body (- or 0 when none)    %D milliseconds    %T seconds
%t [dd/MMM/yyyy:HH:mm:ss Z]    %{NAME}i %{NAME}o a header of the request or the answer

Any other letter is written as -.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from micro_integrator.synapse import Headers
from micro_integrator.transports.http.server.door import Door
from micro_integrator.transports.http.server.request_head import RequestHead

_NAMED = {
    "common": '%h %l %u %t "%r" %s %b',
    "combined": '%h %l %u %t "%r" %s %b "%{Referer}i" "%{User-Agent}i"',
}
_ELEMENT = re.compile(r"%(?:\{([^}]*)\})?([A-Za-z%])")
_DATE_LETTERS = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(slots=True)
class Visit:
    """One request and its answer."""

    door: Door
    remote: str
    local: str
    """Address of this machine to which the client has come."""
    head: RequestHead | None
    """None when it could not be read."""
    status: int
    size: int
    """Bytes of the answer's body."""
    seconds: float
    """From handing the request to the engine, a small body included, to the last byte of the answer."""
    headers: Headers
    """Of the answer."""
    ended_ms: int
    """Milliseconds since 1970."""


Element = Callable[[Visit], str]


def line_writer(pattern: str) -> Callable[[Visit], str]:
    """Return what writes the line of a visit, for a pattern or the name of one."""
    pattern = _NAMED.get(pattern, pattern)
    elements: list[Element] = []
    text, end = "", 0
    for match in _ELEMENT.finditer(pattern):
        element = _element(match[1], match[2])
        text += pattern[end : match.start()].replace("%", "%%")
        if isinstance(element, str):
            text += element.replace("%", "%%")
        else:
            text += "%s"
            elements.append(element)
        end = match.end()
    text += pattern[end:].replace("%", "%%")
    return lambda visit: text % tuple([element(visit) for element in elements])


def _element(name: str | None, letter: str) -> str | Element:
    if name is None:
        return "%" if letter == "%" else _LETTERS.get(letter, "-")
    if letter == "i":
        lowered = name.lower()
        return lambda visit: _quoted(_sent(visit.head, lowered))
    if letter == "o":
        return lambda visit: _quoted(visit.headers.get(name, "-"))
    return "-"


def _sent(head: RequestHead | None, lowered: str) -> str:
    return head.headers.get(lowered, "-") if head else "-"


def _moment(visit: Visit) -> str:
    return _second(int(visit.ended_ms / 1000 - visit.seconds))


@lru_cache(maxsize=64)
def _second(moment: int) -> str:
    began = time.localtime(moment)
    return time.strftime(f"[%d/{_MONTHS[began.tm_mon - 1]}/%Y:%H:%M:%S %z]", began)


def _request_line(visit: Visit) -> str:
    head = visit.head
    return f"{head.method} {_quoted(head.target)} {_protocol(visit)}" if head else "-"


def _protocol(visit: Visit) -> str:
    return "HTTP/1.0" if visit.head and visit.head.is_old else "HTTP/1.1"


def _quoted(text: str) -> str:
    """Return a client's text so that it cannot end a field that stands in quotation marks."""
    if '"' in text or "\\" in text:
        return text.replace("\\", "\\\\").replace('"', '\\"')
    return text


def _path(visit: Visit) -> str:
    return _quoted(visit.head.target.partition("?")[0]) if visit.head else "-"


def _query(visit: Visit) -> str:
    _, mark, query = visit.head.target.partition("?") if visit.head else ("", "", "")
    return _quoted(mark + query)


def date_format(java: str) -> str:
    """Return a date format of Java, of the letters yyyy, MM, dd and HH, as `strftime` takes it."""
    return re.sub("yyyy|MM|dd|HH|%", lambda match: _DATE_LETTERS.get(match[0], "%%"), java)


_LETTERS: dict[str, Element] = {
    "a": lambda visit: visit.remote,
    "h": lambda visit: visit.remote,
    "A": lambda visit: visit.local,
    "p": lambda visit: str(visit.door.port),
    "v": lambda visit: visit.door.server,
    "m": lambda visit: visit.head.method if visit.head else "-",
    "U": _path,
    "q": _query,
    "H": _protocol,
    "r": _request_line,
    "s": lambda visit: str(visit.status),
    "b": lambda visit: str(visit.size or "-"),
    "B": lambda visit: str(visit.size),
    "D": lambda visit: str(round(visit.seconds * 1000)),
    "T": lambda visit: str(round(visit.seconds)),
    "t": _moment,
}
