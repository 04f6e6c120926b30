"""Browsers: pages of which origins may call the API, and what they are told. ◇"""

from dataclasses import dataclass

METHODS = "GET, POST, PUT, PATCH, DELETE, OPTIONS"
ANY = "*"


@dataclass(frozen=True, slots=True)
class Cors:
    """The rules of one node. Without `origins` only pages that came from this very listener may call."""

    is_enabled: bool = True
    origins: frozenset[str] = frozenset()
    headers: str = "Authorization, Content-Type"

    def permits(self, origin: str | None, host: str | None, scheme: str) -> bool:
        """Whether a page of `origin` may call a listener that speaks `scheme`, by its own name `host`.

        No origin = no page asks.
        """
        if not self.is_enabled or origin is None or ANY in self.origins or origin in self.origins:
            return True
        page, _, name = origin.lower().partition("://")
        # a balancer that ends TLS before the listener makes https of http, and never the other way round
        return bool(host) and name == (host or "").lower() and page in ("https", scheme)

    def answer_headers(self, origin: str | None) -> list[tuple[str, str]]:
        """Return what an answer to a permitted page carries."""
        if not self.is_enabled or origin is None:
            return []
        named = ANY if ANY in self.origins else origin
        return [("Access-Control-Allow-Origin", named), *([("Vary", "Origin")] if named is not ANY else [])]

    def preflight_headers(self, origin: str | None) -> list[tuple[str, str]]:
        """Return what a page is told that asks before it calls."""
        if not self.is_enabled or origin is None:
            return []
        return [
            *self.answer_headers(origin),
            ("Access-Control-Allow-Methods", METHODS),
            ("Access-Control-Allow-Headers", self.headers),
        ]
