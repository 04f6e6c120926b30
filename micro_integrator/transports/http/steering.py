"""Properties of the scope axis2 that steer one request. ◇"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


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

    @classmethod
    def of(cls, options: Mapping[str, object]) -> Self:
        """Read the options of a request; unknown ones mean nothing here."""
        host = options.get("REQUEST_HOST_HEADER")
        is_http_1_0 = _says_yes(options.get("FORCE_HTTP_1.0"))
        return cls(
            is_http_1_0=is_http_1_0,
            is_counted=is_http_1_0
            or _says_yes(options.get("DISABLE_CHUNKING"))
            or _says_yes(options.get("FORCE_HTTP_CONTENT_LENGTH")),
            is_closing=is_http_1_0 or _says_yes(options.get("NO_KEEPALIVE")),
            is_absolute=_says_yes(options.get("POST_TO_URI")) or _says_yes(options.get("FULL_URI")),
            host=None if host is None else str(host),
        )


def _says_yes(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")
