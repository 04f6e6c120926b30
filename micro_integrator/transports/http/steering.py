"""Properties of the scope axis2 that steer one request, and what an endpoint adds to them. ◇"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Self

IS_STATIC_TARGET = "TARGET_IS_STATIC"
"""True when the URL is literal text of an artifact; any other target may not lead to guarded addresses."""
BEFORE_SENDING = "BEFORE_SENDING"
"""Called right before bytes are written; raises when they must not be."""


@dataclass(frozen=True, slots=True)
class Steering:
    """How one request is to be written."""

    is_http_1_0: bool = False
    is_counted: bool = False
    """Whether the body is announced by its length instead of being chunked."""
    is_closing: bool = False
    """Whether the connection is given up after the answer."""
    is_absolute: bool = False
    """Whether the request line holds the whole URL."""
    host: str | None = None
    """What the header Host says instead of the target's host."""
    is_static: bool = False
    before_sending: Callable[[], None] | None = None

    @classmethod
    def of(cls, options: Mapping[str, object]) -> Self:
        """Read the options of a request; unknown ones mean nothing here."""
        host, check = options.get("REQUEST_HOST_HEADER"), options.get(BEFORE_SENDING)
        is_http_1_0 = _says_yes(options.get("FORCE_HTTP_1.0"))
        return cls(
            is_http_1_0=is_http_1_0,
            is_counted=is_http_1_0
            or _says_yes(options.get("DISABLE_CHUNKING"))
            or _says_yes(options.get("FORCE_HTTP_CONTENT_LENGTH")),
            is_closing=is_http_1_0 or _says_yes(options.get("NO_KEEPALIVE")),
            is_absolute=_says_yes(options.get("POST_TO_URI")) or _says_yes(options.get("FULL_URI")),
            host=None if host is None else str(host),
            is_static=options.get(IS_STATIC_TARGET) is True,
            before_sending=check if callable(check) else None,
        )


def _says_yes(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")
