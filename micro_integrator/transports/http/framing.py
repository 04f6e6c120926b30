"""A request as bytes: request line, headers, and a body that is chunked or counted. ◇"""

import re

from micro_integrator.synapse import MediationError, Request, Stream
from micro_integrator.transports.http.headers import HeaderRules, checked_name
from micro_integrator.transports.http.steering import Steering
from micro_integrator.transports.http.target import Origin, Route

JOINED = 65536
"""Bytes of a body up to which it goes out in one piece with its head: copying more costs more than a second write."""

LAST_CHUNK = b"0\r\n\r\n"

_METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"})
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose missing body is announced as one of length 0."""
_CHUNKED = "Transfer-Encoding: chunked"
_FORGERY = re.compile(r"[\r\n\0]")


def request_bytes(
    request: Request, origin: Origin, path: str, route: Route, steering: Steering, rules: HeaderRules
) -> list[bytes]:
    """Return what to write on a connection of `route`, in order; of a body that is a stream, nothing.

    Raises MediationError for a header or method that cannot be sent.
    """
    headers, body = request.headers, request.body
    method = method_of(request)
    proxy = route.proxy if route.scheme == "http" else None  # in a tunnel the proxy reads nothing
    target = origin.absolute(path) if steering.is_absolute or proxy is not None else path
    lines = [
        f"{method} {target} HTTP/{'1.0' if steering.is_http_1_0 else '1.1'}",
        f"Host: {steering.host or rules.host(headers, origin.authority)}",
        *rules.lines(headers, steering.repeated),
        f"User-Agent: {rules.agent(headers)}",
    ]
    if announcement := _announcement(method, body, steering):
        lines.append(announcement)
    if steering.is_closing:
        lines.append("Connection: close")
    if proxy is not None and proxy.authorization is not None:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    head = _head(lines)
    if not isinstance(body, bytes) or not body:
        return [head]
    parts = [head, body] if steering.is_counted else [head, b"%x\r\n" % len(body), body, b"\r\n", LAST_CHUNK]
    return [b"".join(parts)] if len(body) <= JOINED else parts


def method_of(request: Request) -> str:
    """Return the method as it is written. Raises MediationError when it is none."""
    method = request.method
    return method if method in _METHODS else checked_name(method.upper())


def _announcement(method: str, body: bytes | Stream | None, steering: Steering) -> str:
    """Return the header that says where the body ends, empty when there is none to speak of."""
    if not body:
        return "Content-Length: 0" if method in _WITH_BODY else ""
    if isinstance(body, bytes):
        return f"Content-Length: {len(body)}" if steering.is_counted else _CHUNKED
    return _CHUNKED if body.length is None else f"Content-Length: {body.length}"


def _head(lines: list[str]) -> bytes:
    text = "\r\n".join(lines)
    # one look at the whole: any line break or NUL beyond those that were put there came with a value
    breaks = len(lines) - 1
    if text.count("\n") != breaks or text.count("\r") != breaks or "\0" in text:
        culprit = next(line.partition(":")[0] for line in lines if _FORGERY.search(line))
        raise MediationError(f"The value of header {culprit} has a line break or a NUL character")
    try:
        return f"{text}\r\n\r\n".encode("latin-1")
    except UnicodeEncodeError as error:
        reason = "A header has characters beyond ISO-8859-1; encode its value"
        raise MediationError(reason, detail=str(error)) from error
