"""Which web pages of other origins may use an API, and how their browsers are told (CORS). ◇

The rules of the server hold for all APIs; an API with a handler `CORSRequestHandler` has its own.
"""

from dataclasses import dataclass
from typing import Self

from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import boolean, whole_number
from micro_integrator.synapse.message import Headers

ANY = "*"
HANDLER_CLASS = "CORSRequestHandler"
"""Last part of the class name by which a definition asks for rules of its own."""

ALLOW_ORIGIN = "Access-Control-Allow-Origin"
ALLOW_METHODS = "Access-Control-Allow-Methods"
ALLOW_HEADERS = "Access-Control-Allow-Headers"
ALLOW_CREDENTIALS = "Access-Control-Allow-Credentials"
MAX_AGE = "Access-Control-Max-Age"

_WEB = ("http", "https")


@dataclass(frozen=True, slots=True)
class Cors:
    """Rules for requests from other origins."""

    is_enabled: bool = True
    origins: frozenset[str] = frozenset()
    """`https://example.com`, `*.example.com` for every host below it, or `*`."""
    headers: str = ""
    """Names that a request may carry, separated by commas."""
    methods: str = ""
    """Separated by commas; empty = those of the resource."""
    with_credentials: bool = False
    max_age: int | None = None
    """Seconds for which a browser may remember the answer to its question."""

    @classmethod
    def of_settings(cls, *, is_enabled: bool, origins: str, headers: str) -> Self:
        """Return the rules of the server's settings; `origins` is a list with commas."""
        return cls(is_enabled=is_enabled, origins=_listed(origins), headers=headers.strip())

    @classmethod
    def read(cls, x: XmlReader) -> Self:
        """Read the properties of a <handler>; one that is unknown here is an error."""
        values = {part.required("name"): part for part in x.children("property")}
        for name, part in values.items():
            part.attribute("value")
            if name not in _READ:
                part.report(f"{HANDLER_CLASS} has no property '{name}': expected {', '.join(_READ)}")
        texts = {name: part.resolved("value") or "" for name, part in values.items()}
        credentials, age = values.get("allowCredentials"), values.get("maxAge")
        return cls(
            origins=_listed(texts.get("allowedOrigins", "")),
            headers=texts.get("allowHeaders", ""),
            methods=texts.get("allowedMethods", ""),
            with_credentials=credentials is not None and credentials.attribute("value", boolean, False),
            max_age=None if age is None else age.attribute("value", whole_number),
        )

    @property
    def has_a_say(self) -> bool:
        """Whether there is any origin to which answers could be opened."""
        return self.is_enabled and bool(self.origins)

    def allowed(self, origin: str) -> str | None:
        """Return what the browser of a page from `origin` is told, None when the page may not use the API."""
        if ANY in self.origins:
            return origin if self.with_credentials else ANY
        return origin if origin in self.origins or self._is_below(origin) else None

    def answer_to(self, origin: str, methods: str) -> list[tuple[str, str]] | None:
        """Return the headers that answer whether a page may ask; None = it may not, which is said with 403."""
        if not self.is_enabled:
            return []
        allowed = self.allowed(origin)
        if allowed is None:
            return None
        fields = [*self.fields(allowed), (ALLOW_METHODS, self.methods or methods)]
        if self.headers:
            fields.append((ALLOW_HEADERS, self.headers))
        if self.max_age is not None:
            fields.append((MAX_AGE, str(self.max_age)))
        return fields

    def fields(self, allowed: str) -> list[tuple[str, str]]:
        """Return the headers of every answer that a page gets to see; `allowed` is what `allowed()` has said."""
        fields = [(ALLOW_ORIGIN, allowed)]
        if self.with_credentials:
            fields.append((ALLOW_CREDENTIALS, "true"))
        return fields

    def open(self, headers: Headers, allowed: str) -> None:
        """Put into the headers of an answer that the page may see it."""
        for name, value in self.fields(allowed):
            headers[name] = value
        if allowed != ANY:  # a cache must not give it to the page of another origin
            vary = headers.get("Vary")
            headers["Vary"] = "Origin" if not vary else f"{vary}, Origin"

    def _is_below(self, origin: str) -> bool:
        scheme, _, place = origin.partition("://")
        host = place.partition(":")[0]
        return scheme in _WEB and any(
            host.endswith(pattern[1:]) for pattern in self.origins if pattern.startswith("*.")
        )


_READ = ("allowedOrigins", "allowHeaders", "allowedMethods", "allowCredentials", "maxAge")


def _listed(text: str) -> frozenset[str]:
    return frozenset(word.strip() for word in text.split(",") if word.strip())
