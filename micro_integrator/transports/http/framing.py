"""A request as bytes: request line, headers, and a body that is chunked or counted. ◇"""

from micro_integrator.synapse import Headers, MediationError, Request
from micro_integrator.transports.http.headers import USER_AGENT, HeaderRules, checked_name, field_block
from micro_integrator.transports.http.steering import Steering
from micro_integrator.transports.http.target import Target

JOINED = 65536
"""Bytes of a body up to which it goes out in one piece with its head; copying more costs more than a second write."""

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
"""Methods whose missing body is announced as one of length 0."""


def request_bytes(request: Request, target: Target, steering: Steering, rules: HeaderRules) -> list[bytes]:
    """Return what to write, in order. Raises MediationError for a header or method that cannot be sent."""
    method = checked_name(request.method.upper())
    body = request.body
    block = field_block(_fields(method, request.headers, body, target, steering, rules))
    path = target.absolute if steering.is_absolute else target.path
    version = "1.0" if steering.is_http_1_0 else "1.1"
    try:
        head = f"{method} {path} HTTP/{version}\r\n{block}\r\n".encode("latin-1")
    except UnicodeEncodeError as error:
        text = "A header has characters beyond ISO-8859-1; encode its value"
        raise MediationError(text, detail=str(error)) from error
    if not body:
        return [head]
    parts = [head, body] if steering.is_counted else [head, b"%x\r\n" % len(body), body, b"\r\n0\r\n\r\n"]
    return [b"".join(parts)] if len(body) <= JOINED else parts


def _fields(
    method: str,
    headers: Headers,
    body: bytes | None,
    target: Target,
    steering: Steering,
    rules: HeaderRules,
) -> list[tuple[str, str]]:
    fields = list(rules.fields(headers)) if headers else []
    names = {name.lower() for name, _ in fields}
    if steering.host is not None or "host" not in names:
        fields = [field for field in fields if field[0].lower() != "host"]
        fields.insert(0, ("Host", steering.host or target.authority))
    if "user-agent" not in names:
        fields.append(("User-Agent", USER_AGENT))
    if body:
        is_counted = steering.is_counted
        fields.append(("Content-Length", str(len(body))) if is_counted else ("Transfer-Encoding", "chunked"))
    elif method in _WITH_BODY:
        fields.append(("Content-Length", "0"))
    if steering.is_closing:
        fields.append(("Connection", "close"))
    return fields
