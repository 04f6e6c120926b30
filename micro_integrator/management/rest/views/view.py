"""A kind of artifact as the API shows it: a row in its list, and everything about one.

What an artifact says stands in its definition and is read from there when somebody asks; it costs nothing meanwhile.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from lxml.etree import QName, _Element

from micro_integrator.deployment import Application
from micro_integrator.kit import parse
from micro_integrator.management.rest.selection import Row
from micro_integrator.synapse import Artifact

ENABLED = {True: "enabled", False: "disabled"}


@dataclass(frozen=True)
class Deployed:
    """An artifact in force, and the application it came with."""

    artifact: Artifact
    application: str
    read_ms: int
    """When its file was read, milliseconds since 1970."""

    @property
    def name(self) -> str:
        """The name it is called by."""
        return self.artifact.name

    @cached_property
    def definition(self) -> _Element:
        """The root element of its definition."""
        return parse(self.artifact.origin.xml)

    def attribute(self, name: str, default: str = "") -> str:
        """Return an attribute of the definition."""
        return self.definition.get(name, default)

    def children(self, tag: str | None = None) -> list[_Element]:
        """Return the elements directly inside the definition: those called `tag`, or all."""
        inside = self.definition.iterchildren("*")
        return [child for child in inside if tag is None or QName(child).localname == tag]

    def origin(self) -> Row:
        """Return where it came from."""
        return {"carbonApp": self.application, "file": str(self.artifact.origin.source.path)}

    def identity(self) -> Row:
        """Return its text, and what tells it from every other version of itself."""
        xml = self.artifact.origin.xml
        digest = hashlib.sha256(xml.encode()).hexdigest()
        return {
            **self.origin(),
            "deployedAt": instant(self.read_ms),
            "fingerprint": f"v1:sha256:{digest}",
            "configuration": xml,
        }

    def aspects(self) -> Row:
        """Return whether it is counted and traced, as its definition asks."""
        return {
            "stats": ENABLED[self.attribute("statistics") == "enable"],
            "tracing": ENABLED[self.attribute("trace") == "enable"],
        }


@dataclass(frozen=True, kw_only=True)
class View:
    """One resource: `row` makes the line in the list, `detail` what is told about one; both may read XML."""

    path: str
    kind: str
    """Name of the root element of the artifacts it shows."""
    keys: tuple[str, ...]
    """Query parameters that name one of them."""
    row: Callable[[Deployed], Row]
    detail: Callable[[Deployed], Row]

    def rows(self, found: Sequence[Deployed]) -> list[Row]:
        """Return the list."""
        return [{"name": one.name, **self.row(one), **one.origin()} for one in found]

    def told(self, one: Deployed) -> Row:
        """Return everything about one."""
        return {"name": one.name, **self.detail(one), **one.identity()}

    def named(self, query: Mapping[str, str]) -> str | None:
        """Return the name that is asked for; None when the list is."""
        return next((query[key] for key in self.keys if query.get(key)), None)


def instant(wall_ms: int) -> str:
    """Return an instant as ISO 8601 in UTC."""
    return datetime.fromtimestamp(wall_ms / 1000, UTC).isoformat(timespec="milliseconds")


def deployed(applications: Iterable[Application], kind: str) -> list[Deployed]:
    """Return the artifacts of a kind that are in force, by name."""
    in_force = (one.current for one in applications if one.current is not None)
    found = [
        Deployed(artifact, version.package.name, version.read_ms)
        for version in in_force
        for artifact in version.artifacts
        if artifact.kind == kind
    ]
    return sorted(found, key=lambda one: one.name)
