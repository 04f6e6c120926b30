"""A request as bytes: request line, headers, and a body that is chunked or counted. ◇"""

from micro_integrator.synapse import Request, Stream
from micro_integrator.transports.http.chunks import LAST_CHUNK, chunk
from micro_integrator.transports.http.client.header_rules import HeaderRules
from micro_integrator.transports.http.client.steering import Steering
from micro_integrator.transports.http.client.target import Origin, Route
from micro_integrator.transports.http.header_lines import checked_name, checked_value, encoded
from micro_integrator.transports.http.limits import JOINED

_METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"})
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose missing body is announced as one of length 0."""
_CHUNKED = "Transfer-Encoding: chunked\r\n"


def request_bytes(
    request: Request, origin: Origin, path: str, route: Route, steering: Steering, rules: HeaderRules
) -> list[bytes]:
    """Return what to write on a connection of `route`, in order; a body that is a stream is written later.

    Raises MediationError for a header or method that cannot be sent.
    """
    headers, body = request.headers, request.body
    method = method_of(request)
    proxy = route.proxy if route.scheme == "http" else None  # in a tunnel the proxy reads nothing
    target = origin.absolute(path) if steering.is_absolute or proxy is not None else path
    host = checked_value("Host", steering.host) if steering.host else rules.host(headers, origin.authority)
    closing = "Connection: close\r\n" if steering.is_closing else ""
    if proxy is not None and proxy.authorization is not None:
        closing += f"Proxy-Authorization: {proxy.authorization}\r\n"
    head = encoded(
        f"{method} {target} HTTP/{'1.0' if steering.is_http_1_0 else '1.1'}\r\n"
        f"Host: {host}\r\n"
        f"{rules.lines.written(headers, steering.repeated)}"
        f"User-Agent: {rules.agent(headers)}\r\n"
        f"{_announcement(method, body, steering)}{closing}\r\n"
    )
    if not isinstance(body, bytes) or not body:
        return [head]
    parts = [head, body] if steering.is_counted else [head, *chunk(body), LAST_CHUNK]
    return [b"".join(parts)] if len(body) <= JOINED else parts


def method_of(request: Request) -> str:
    """Return the method as it is written. Raises MediationError when it is none."""
    method = request.method
    return method if method in _METHODS else checked_name(method.upper())


def _announcement(method: str, body: bytes | Stream | None, steering: Steering) -> str:
    """Return the header that says where the body ends, empty when there is none to speak of."""
    if not body:
        return "Content-Length: 0\r\n" if method in _WITH_BODY else ""
    if isinstance(body, bytes):
        return f"Content-Length: {len(body)}\r\n" if steering.is_counted else _CHUNKED
    return _CHUNKED if body.length is None else f"Content-Length: {body.length}\r\n"
