"""/apis: REST APIs, where they can be called, and their resources."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from micro_integrator.management.rest.selection import Row
from micro_integrator.management.rest.views.view import Deployed, View

ALL_METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH")
NONE = "N/A"
ANY_PORT = -1


@dataclass(frozen=True)
class _Shape:
    """What this view knows of an API."""

    context: str
    prefix: str
    """What every URL begins with behind host and port: context, and version where it has a segment of its own."""
    version: str
    host: str | None
    port: int | None
    transport: str | None
    """`http` or `https` alone; None = both."""
    resources: tuple[tuple[tuple[str, ...], str], ...]
    """Of each resource the methods, none for all, and its template or mapping."""

    def answers_on(self, address: str) -> bool:
        """Whether requests that come to `address` may be for this API."""
        return self.transport is None or urlsplit(address).scheme == self.transport


def apis(addresses: Sequence[str]) -> View:
    """Return the view; `addresses` are those of the listeners, such as `http://localhost:8290`."""

    def urls(shape: _Shape) -> Row:
        found = [_url(address, shape) for address in addresses if shape.answers_on(address)] or [shape.prefix]
        return {"url": found[0], "urlList": found}

    def row(one: Deployed) -> Row:
        return {**urls(_shape(one.artifact)), "tracing": one.aspects()["tracing"]}

    def detail(one: Deployed) -> Row:
        shape = _shape(one.artifact)
        return {
            **urls(shape),
            "version": shape.version or NONE,
            "host": shape.host,
            "port": ANY_PORT if shape.port is None else shape.port,
            "context": shape.context,
            **one.aspects(),
            "resources": [
                {"methods": list(methods or ALL_METHODS), "url": url or NONE}
                for methods, url in shape.resources
            ],
        }

    return View(path="/apis", kind="api", keys=("apiName",), row=row, detail=detail)


def _url(address: str, shape: _Shape) -> str:
    """Return where the API is called; what the header Host must say stands in the place of the listener's own name."""
    listener = urlsplit(address)
    host = shape.host or listener.hostname
    return f"{listener.scheme}://{host}:{shape.port or listener.port}{shape.prefix}"


def _shape(artifact: Any) -> _Shape:
    """Look into the artifact; nothing else here knows how one is made."""
    return _Shape(
        context=artifact.context,
        prefix=artifact.prefix,
        version=artifact.version,
        host=artifact.hostname,
        port=artifact.port,
        transport=artifact.transport,
        resources=tuple(
            (resource.methods, "" if resource.mapping is None else resource.mapping.source)
            for resource in artifact.resources
        ),
    )
