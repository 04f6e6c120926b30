"""What a definition is read with (Terms) and what is noted meanwhile (Findings)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from micro_integrator.synapse.errors import DeploymentError


def line_of(element: etree._Element) -> int:
    """Return the line an element begins at, 0 when that is not known."""
    line: object = element.sourceline
    return line if isinstance(line, int) else 0


@dataclass(frozen=True, slots=True)
class Source:
    """Where something is written; `line` counts from 1."""

    path: Path
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class Reference:
    """An artifact names another one, in plain text and not by an expression."""

    kind: str
    """`sequence`, `endpoint` or `entry`."""
    key: str
    source: Source


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that works but was probably not meant like that."""

    message: str
    source: Source

    def __str__(self) -> str:
        return f"{self.source}: {self.message}"


@dataclass(frozen=True, slots=True)
class Terms:
    """What holds for all definitions that are read together."""

    resolve: Callable[[str], str] = str
    """Replaces `$SYSTEM:`, `$FILE:` and `${configs.}` in a text. Raises MicroIntegratorError for what is missing."""
    files: Path | None = None
    """The folder that `src="file:..."` may name files of; None = no file at all."""
    strict: bool = False
    """Unknown attributes are errors, not notices."""
    fire_mode: str = "claim"
    """Fire mode of tasks that name none."""
    misfire: str | None = None
    """What becomes of missed occurrences of tasks that do not say; None = by trigger."""
    zone: str = "UTC"
    """Time zone of cron expressions that name none."""
    server_name: str = "localhost"
    """What `pinnedServers` of a task is compared with."""
    cluster_group: str = ""
    """Name of the cluster: together with it, the names of tasks must fit into a column."""
    class_packages: tuple[str, ...] = ()
    """Packages whose classes definitions may name; empty = those of `class_folder`."""
    class_folder: Path | None = None
    """The folder with the user's own packages; None = a package may come from anywhere."""
    class_aliases: Mapping[str, str] = field(default_factory=dict)
    """Class name in a definition → `package.module:Class`."""


@dataclass(slots=True)
class Findings:
    """What was noted while one artifact was read: every error, not only the first."""

    errors: list[DeploymentError] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
