"""Tokens (JWT, HS256): what a caller carries after the login, so that no node has to remember who logged in.

Nodes with the same key accept each other's tokens; `given_back` knows which of them are worth nothing any more.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from micro_integrator.kit import MicroIntegratorError, wall_ms

ISSUER = "micro-integrator"
ALGORITHM = "HS256"
SKEW = 5.0
"""Seconds by which the clocks of two nodes may differ."""

_CLAIMS = ["sub", "iss", "iat", "nbf", "exp", "scope", "jti"]
_KEY_BYTES = 32


class BadToken(MicroIntegratorError):
    """The token is not ours, changed or expired; the text says which."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a good token says."""

    user: str
    is_admin: bool
    id: str
    expires: float
    """Seconds since 1970."""


class Tokens:
    """Hands out tokens and reads them. The first use loads the library: call it in a thread."""

    def __init__(self, key: str | None, lifetime: float) -> None:
        """Remember: without a `key` a random one holds until the process ends; `lifetime` in seconds."""
        self._key, self._lifetime = key or secrets.token_hex(_KEY_BYTES), lifetime

    def issue(self, user: str, *, is_admin: bool) -> str:
        """Return a token for `user`."""
        import jwt  # not before somebody logs in: it brings a library of megabytes along

        now = wall_ms() / 1000
        claims: dict[str, Any] = {
            "sub": user,
            "iss": ISSUER,
            "iat": int(now),
            "nbf": int(now),
            "exp": int(now + self._lifetime),
            "scope": "admin" if is_admin else "default",
            "jti": secrets.token_urlsafe(12),
        }
        return jwt.encode(claims, self._key, algorithm=ALGORITHM)

    def read(self, token: str) -> Ticket:
        """Return what `token` says. Raises BadToken."""
        import jwt

        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                leeway=SKEW,
                options={"require": _CLAIMS},
            )
        except jwt.InvalidTokenError as error:
            raise BadToken(str(error)) from error
        return Ticket(claims["sub"], claims["scope"] == "admin", claims["jti"], claims["exp"])
