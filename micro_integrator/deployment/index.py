"""The index files of a carbon application, from XML to what they say.

artifacts.xml or metadata.xml     <artifacts><artifact name version type="carbon/application"> <dependency/>*
<directory>/artifact.xml          <artifact name version type serverRole> <file>exactly one</file>
descriptor.xml                    <id>, <dependencies><dependency groupId artifactId version/></dependencies>
"""

from dataclasses import dataclass
from typing import Any, cast

from lxml.etree import _Element

from micro_integrator.deployment.package import local_name
from micro_integrator.deployment.problem import Faulty, Problem


@dataclass(frozen=True)
class Dependency:
    """What the index asks for: an artifact of this name and version, on servers with this role."""

    artifact: str
    version: str
    role: str
    line: int


@dataclass(frozen=True)
class Index:
    """artifacts.xml or metadata.xml."""

    name: str
    version: str
    dependencies: tuple[Dependency, ...]
    shown: str


@dataclass(frozen=True)
class Described:
    """One artifact.xml and the directory it lies in."""

    name: str
    version: str
    type: str
    role: str
    files: tuple[str, ...]
    folder: str
    shown: str
    line: int

    def fault(self, reason: str) -> Faulty:
        """Return the error that names this artifact and its artifact.xml."""
        return Faulty([Problem(self.shown, reason, self.line, artifact=self.name)])


@dataclass(frozen=True)
class Descriptor:
    """descriptor.xml: the application's id among others, and the ids it needs."""

    id: str = ""
    needs: tuple[str, ...] = ()
    is_versioned: bool = False


def read_index(root: _Element, shown: str) -> Index:
    """Return what `root` lists. Raises Faulty when it is not the index of one application."""
    applications = [
        element for element in root.iter("{*}artifact") if element.get("type") == "carbon/application"
    ]
    if local_name(root) not in ("artifacts", "artifact") or len(applications) != 1:
        raise Faulty.at(
            shown, "needs one <artifact type='carbon/application'> inside <artifacts>", line_of(root)
        )
    (application,) = applications
    dependencies = tuple(
        Dependency(
            element.get("artifact", ""),
            element.get("version", ""),
            element.get("serverRole", ""),
            line_of(element),
        )
        for element in application.iterchildren("{*}dependency")
    )
    return Index(
        _needed(application, "name", shown), _needed(application, "version", shown), dependencies, shown
    )


def read_description(root: _Element, folder: str, shown: str) -> Described:
    """Return what an artifact.xml says. Raises Faulty without a name and a type."""
    if local_name(root) != "artifact":
        raise Faulty.at(shown, f"needs the root <artifact>, found <{local_name(root)}>", line_of(root))
    return Described(
        name=_needed(root, "name", shown),
        version=root.get("version", ""),
        type=_needed(root, "type", shown),
        role=root.get("serverRole", ""),
        files=tuple((element.text or "").strip() for element in root.iterchildren("{*}file")),
        folder=folder,
        shown=shown,
        line=line_of(root),
    )


def read_descriptor(root: _Element) -> Descriptor:
    """Return what a descriptor.xml says."""
    needs = tuple(
        "__".join(element.get(key, "") for key in ("groupId", "artifactId", "version"))
        for element in root.iterfind("{*}dependencies/{*}dependency")
    )
    is_versioned = (root.findtext("{*}versionedDeployment") or "").strip().lower() == "true"
    return Descriptor((root.findtext("{*}id") or "").strip(), needs, is_versioned)


def line_of(element: _Element) -> int:
    """Return the line of `element` in its file; 0 = unknown."""
    line: int | None = cast(Any, element).sourceline  # the stubs do not know it
    return line or 0


def _needed(element: _Element, attribute: str, shown: str) -> str:
    value = element.get(attribute, "").strip()
    if not value:
        raise Faulty.at(shown, f"<{local_name(element)}> needs the attribute '{attribute}'", line_of(element))
    return value
