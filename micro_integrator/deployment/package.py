"""What one file or directory in a deployment folder brings, read but not yet understood by the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml.etree import _Element

from micro_integrator.deployment.problem import Faulty, Incomplete
from micro_integrator.kit import XmlError, parse


@dataclass(frozen=True)
class Part:
    """One artifact file: how messages call it, its content, and the name its artifact.xml gives."""

    shown: str
    content: bytes
    artifact: str = ""


@dataclass(frozen=True)
class Resource:
    """A file for the registry, under a key such as `conf:limits.json`."""

    key: str
    content: bytes
    media_type: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Declared:
    """A value the application needs from its surroundings: `${configs.key}` of `type`."""

    key: str
    type: str
    shown: str
    line: int


@dataclass(frozen=True)
class Package:
    """The content of one candidate.

    `id` and `needs` come from the descriptor, empty without one; `notes` are warnings for the log, `remarks` are told
    as well, though nothing is wrong.
    """

    name: str
    version: str
    parts: tuple[Part, ...] = ()
    resources: tuple[Resource, ...] = ()
    declared: tuple[Declared, ...] = ()
    id: str = ""
    needs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def is_application(self) -> bool:
        """Return whether this is a carbon application and not a loose file."""
        return self.version != LOOSE_VERSION

    @property
    def label(self) -> str:
        """Name and version, as logs and management show them."""
        return f"{self.name}_{self.version}"


LOOSE_VERSION = "file"
"""The version under which loose files are listed, as if their folder were an application."""


def parse_part(content: bytes, shown: str) -> _Element:
    """Return the root element of an artifact file. Raises Faulty with line and column.

    A file that ends too early raises Incomplete: it may still be on its way here.
    """
    try:
        return parse(content)
    except XmlError as error:
        kind = Incomplete if _ends_too_early(content, error) else Faulty
        raise kind.at(shown, error.reason, error.line, error.column) from error


def local_name(element: _Element) -> str:
    """Return the tag without its namespace; comments and processing instructions have none."""
    tag: object = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _ends_too_early(content: bytes, error: XmlError) -> bool:
    if "Premature end" in error.reason:
        return True
    last_line = content.rstrip().count(b"\n") + 1
    return error.line >= last_line and not content.rstrip().endswith(b">")
