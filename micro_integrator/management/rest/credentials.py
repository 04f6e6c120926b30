"""What a caller shows: the header Authorization, taken apart."""

import base64
from dataclasses import dataclass

from starlette.requests import Request


@dataclass(frozen=True, slots=True)
class Basic:
    """A user name and a password."""

    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Bearer:
    """A token."""

    token: str


def credentials_of(request: Request) -> Basic | Bearer | None:
    """Return what the request shows; None when it shows nothing that can be read."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    value = value.strip()
    match scheme.lower():
        case "bearer" if value:
            return Bearer(value)
        case "basic":
            return _basic(value)
        case _:
            return None


def _basic(value: str) -> Basic | None:
    try:
        user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:  # no base64, no ASCII, no UTF-8
        return None
    return Basic(user, password) if colon and user else None
