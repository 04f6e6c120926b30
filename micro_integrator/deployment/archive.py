"""Reading a carbon application, packed or exploded: from its index to the artifacts this server deploys.

Every problem is collected before the application is refused, so that its author sees all of them at once.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import PurePosixPath

from lxml.etree import _Element

from micro_integrator.deployment.index import (
    Dependency,
    Described,
    Descriptor,
    Index,
    line_of,
    read_description,
    read_descriptor,
    read_index,
)
from micro_integrator.deployment.members import Members
from micro_integrator.deployment.package import Declared, Package, Part, Resource, local_name, parse_part
from micro_integrator.deployment.problem import Faulty, Incomplete, Problem
from micro_integrator.deployment.resources import read_declared, read_resources

SYNAPSE_TYPES = {
    "synapse/local-entry": "localEntry",
    "synapse/endpoint": "endpoint",
    "synapse/sequence": "sequence",
    "synapse/message-store": "messageStore",
    "synapse/template": "template",
    "synapse/proxy-service": "proxy",
    "synapse/task": "task",
    "synapse/message-processors": "messageProcessor",
    "synapse/api": "api",
    "synapse/inbound-endpoint": "inboundEndpoint",
    "synapse/configuration": "definitions",
}
"""The type in artifact.xml, and the root element its file must have."""

_JAVA_LIBRARY = re.compile(r"lib/connector/dependency|lib/library/bundle|lib/dataservice/validator|bundle/.*")
_FOR_READERS = "synapse/metadata"
"""The reference's build adds two of them for each API, for those who look for one; nothing runs by them."""
_WITHOUT_MEANING = frozenset(
    {"synapse/event-source", "service/axis2", "synapse/priority-executor", _FOR_READERS}
)
_DESCRIPTION = re.compile(r"(?!META-INF/)(metadata/)?[^/]+/artifact\.xml")
"""Where an artifact is described; the reference's build puts what describes APIs a folder deeper."""
_NESTED = re.compile(r"dependencies/[^/]+\.car", re.IGNORECASE)


def read_application(members: Members, roles: Sequence[str], max_xml: int) -> Package:
    """Return the application in `members` for a server with `roles`; `max_xml` bytes per artifact file.

    Raises Faulty with every problem found; Incomplete when a directory holds a file that ends too early.
    """
    reader = _Reader(members, max_xml)
    index = reader.index()
    reader.refuse_nested()
    used = tuple(dict.fromkeys(reader.used(index, roles)))  # the index may ask for one twice
    for artifact in used:
        reader.take(artifact)
    if not used:
        label = f"{index.name}_{index.version}"
        reader.notes.append(
            f"No artifacts found to be deployed in this server. Ignoring Carbon Application : {label}"
        )
    return reader.package(index, reader.descriptor())


class _Reader:
    def __init__(self, members: Members, max_xml: int) -> None:
        self._members, self._max_xml = members, max_xml
        self._problems: list[Problem] = []
        self._kind: type[Faulty] = Faulty
        self._parts: list[Part] = []
        self._resources: list[Resource] = []
        self._declared: list[Declared] = []
        self.notes: list[str] = []
        self.remarks: list[str] = []

    def package(self, index: Index, descriptor: Descriptor) -> Package:
        if self._problems:
            raise self._kind(self._problems)
        return Package(
            index.name,
            index.version,
            parts=tuple(self._parts),
            resources=tuple(self._resources),
            declared=tuple(self._declared),
            id=descriptor.id,
            needs=descriptor.needs,
            notes=tuple(self.notes),
            remarks=tuple(self.remarks),
        )

    def index(self) -> Index:
        for name in ("metadata.xml", "artifacts.xml"):
            if name in self._members.names:
                return read_index(self._parse(name), self._members.shown_as(name))
        raise Faulty.at(self._members.shown, "has neither artifacts.xml nor metadata.xml")

    def refuse_nested(self) -> None:
        for name in filter(_NESTED.fullmatch, self._members.names):
            reason = (
                "an application inside an application is not supported yet; deploy it as a file of its own"
            )
            self._problems.append(Problem(self._members.shown_as(name), reason))

    def used(self, index: Index, roles: Sequence[str]) -> Iterator[Described]:
        """Yield what the index asks for and this server has a role for."""
        described = {(found.name, found.version): found for found in self._descriptions()}
        for wanted in index.dependencies:
            with self._collecting():
                found = described.get((wanted.artifact, wanted.version))
                if found is None:
                    reason = (
                        f"no artifact.xml has the name '{wanted.artifact}' and the version '{wanted.version}'"
                    )
                    raise Faulty([Problem(index.shown, reason, wanted.line, artifact=wanted.artifact)])
                if _has_role(wanted, found, roles):
                    yield found

    def take(self, artifact: Described) -> None:
        """Read the file of `artifact`."""
        if _JAVA_LIBRARY.fullmatch(artifact.type):
            self.notes.append(f"Java library ignored: [{artifact.name}] of {artifact.shown}")
        elif artifact.type in _WITHOUT_MEANING:
            told = self.remarks if artifact.type == _FOR_READERS else self.notes
            told.append(f"Artifact type {artifact.type} ignored: [{artifact.name}] of {artifact.shown}")
        else:
            with self._collecting():
                self._read_artifact(artifact)

    def descriptor(self) -> Descriptor:
        descriptor = Descriptor()
        if "descriptor.xml" in self._members.names:
            with self._collecting():
                descriptor = read_descriptor(self._parse("descriptor.xml"))
        if descriptor.is_versioned:
            self.notes.append("versionedDeployment is not supported yet; artifacts keep their plain names")
        return descriptor

    def _descriptions(self) -> Iterator[Described]:
        for name in _artifact_files(self._members.names):
            with self._collecting():
                yield read_description(
                    self._parse(name), name.rpartition("/")[0], self._members.shown_as(name)
                )

    def _read_artifact(self, artifact: Described) -> None:
        if artifact.type in SYNAPSE_TYPES:
            self._parts.append(self._part(artifact, self._only_file(artifact)))
        elif artifact.type == "registry/resource":
            self._resources += read_resources(self._members, self._only_file(artifact), self._max_xml)
        elif artifact.type == "config/property":
            self._declared += read_declared(self._members, self._only_file(artifact), self._max_xml)
        else:
            raise artifact.fault(
                f"artifact type '{artifact.type}' is not supported yet (artifact '{artifact.name}')"
            )

    def _only_file(self, artifact: Described) -> str:
        if len(artifact.files) != 1 or not artifact.files[0]:
            raise artifact.fault(f"needs exactly one <file>, has {len([f for f in artifact.files if f])}")
        name = str(PurePosixPath(artifact.folder, artifact.files[0]))
        if name not in self._members.names:
            raise artifact.fault(f"the file '{artifact.files[0]}' is not in '{artifact.folder}'")
        return name

    def _part(self, artifact: Described, name: str) -> Part:
        content, shown = self._members.read(name, self._max_xml), self._members.shown_as(name)
        root, expected = parse_part(content, shown), SYNAPSE_TYPES[artifact.type]
        if local_name(root) != expected:
            reason = f"type '{artifact.type}' needs the root <{expected}>, found <{local_name(root)}>"
            raise Faulty([Problem(shown, reason, line_of(root), artifact=artifact.name)])
        return Part(shown, content, artifact.name)

    def _parse(self, name: str) -> _Element:
        return parse_part(self._members.read(name, self._max_xml), self._members.shown_as(name))

    @contextmanager
    def _collecting(self) -> Iterator[None]:
        try:
            yield
        except Faulty as error:
            self._problems += error.problems
            if isinstance(error, Incomplete) and self._members.may_grow:
                self._kind = Incomplete


def _artifact_files(names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if _DESCRIPTION.fullmatch(name))


def _has_role(wanted: Dependency, found: Described, roles: Sequence[str]) -> bool:
    try:
        return all(
            any(re.fullmatch(pattern, role) for role in roles)
            for pattern in (wanted.role, found.role)
            if pattern
        )
    except re.error as error:
        raise found.fault(f"serverRole is not a regular expression: {error}") from error
