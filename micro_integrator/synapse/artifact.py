"""What an artifact is, how it is found by its root element, and how a file becomes artifacts.

The catalogue is filled by `artifacts/__init__`. Life of an artifact: `load` reads and checks, `activate` begins its
work once the whole set is in force, `deactivate` ends it.
"""

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self, TypeVar, dataclass_transform

from lxml import etree

from micro_integrator.kit import XmlError, parse
from micro_integrator.synapse.errors import DeploymentError
from micro_integrator.synapse.grammar import NAMESPACE, XmlReader
from micro_integrator.synapse.reading import Findings, Notice, Reference, Source, Terms, line_of

if TYPE_CHECKING:
    from micro_integrator.synapse.engine import Engine

ENTRIES = "entry"
"""Sequences, endpoints and local entries share one name space: what a key names is found by the key alone."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an artifact comes from."""

    source: Source
    xml: str
    """Canonical text of the definition."""
    references: tuple[Reference, ...]


class Artifact(ABC):
    """A deployed definition."""

    kind: ClassVar[str]
    """Name of the root element."""
    space: ClassVar[str]
    """Artifacts of one space have different names."""

    name: str
    origin: Origin

    @property
    def occupied(self) -> tuple[tuple[str, str], ...]:
        """What no other artifact may have at the same time, as space and name: its name, and what a kind adds."""
        return ((self.space, self.name),)

    @classmethod
    @abstractmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Return the artifact that the element describes; errors are reported to `x` or raised."""

    async def activate(self, engine: "Engine") -> None:  # noqa: B027 - most kinds only exist
        """Begin to work; the graph that holds this artifact is in force."""

    async def replace(self, former: Self, engine: "Engine") -> None:
        """Begin to work in the place of an older definition with the same name."""
        await former.deactivate(engine)
        await self.activate(engine)

    async def deactivate(self, engine: "Engine") -> None:  # noqa: B027 - likewise
        """End the work that `activate` began."""


A = TypeVar("A", bound=Artifact)
_CATALOGUE: dict[str, type[Artifact]] = {}


@dataclass_transform(eq_default=False)
def artifact(kind: str, *, space: str | None = None) -> Callable[[type[A]], type[A]]:
    """Make the class a dataclass and enter it in the catalogue under its root element's name."""

    def enter(cls: type[A]) -> type[A]:
        cls.kind, cls.space = kind, space or kind
        made = dataclass(eq=False)(cls)
        _CATALOGUE[kind] = made
        return made

    return enter


@dataclass(slots=True)
class Loaded:
    """What a file holds: the artifacts that can be used, and everything that is wrong or odd."""

    artifacts: list[Artifact] = field(default_factory=list)
    errors: list[DeploymentError] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def load(content: bytes, path: Path, terms: Terms | None = None) -> Loaded:
    """Read a file with one artifact, or with `<definitions>` of several; an artifact with errors is left out."""
    loaded = Loaded()
    try:
        root = parse(content)
    except XmlError as error:
        loaded.errors.append(DeploymentError(error.reason, path, error.line, error.column))
        return loaded
    terms = terms or Terms()
    name = etree.QName(root)
    if name.namespace not in {NAMESPACE, None} or name.localname not in {
        *_CATALOGUE,
        *NOT_YET,
        *BUILT_IN,
        "definitions",
    }:
        loaded.errors.append(DeploymentError(f"not a Synapse artifact: {root.tag}", path, line_of(root)))
        return loaded
    if not name.namespace:
        message = f'<{name.localname}> is in no namespace; taken for xmlns="{NAMESPACE}"'
        loaded.notices.append(Notice(message, Source(path, line_of(root))))
    if name.localname == "definitions":
        _read_definitions(root, path, terms, loaded)
    else:
        _read(root, path, terms, loaded)
    return loaded


def _read_definitions(root: etree._Element, path: Path, terms: Terms, loaded: Loaded) -> None:
    for child in root.iterchildren(etree.Element):
        name, source = etree.QName(child).localname, Source(path, line_of(child))
        if name == "description":
            continue
        if name in _CATALOGUE or name in NOT_YET or name in BUILT_IN:
            _read(child, path, terms, loaded)
        else:
            message = (
                f"Invalid configuration element at the top level: <{name}>; "
                'mediators belong into <sequence name="main">'
            )
            loaded.errors.append(DeploymentError(message, path, source.line))


def _read(element: etree._Element, path: Path, terms: Terms, loaded: Loaded) -> None:
    tag, source, findings = etree.QName(element).localname, Source(path, line_of(element)), Findings()
    if tag in BUILT_IN:
        loaded.notices.append(Notice(f"<{tag}> has no effect: this server brings its own", source))
        return
    name = element.get("name") or element.get("key") or ""
    x = XmlReader(element, source, terms, findings, f"{tag}:{name}" if name else tag)
    made = None
    try:
        if tag not in _CATALOGUE:
            raise x.error(f"{tag} is not supported yet")
        made = _CATALOGUE[tag].from_xml(x)
        x.finish()
    except DeploymentError as error:
        findings.errors.append(error)
    except RecursionError:
        findings.errors.append(x.error(f"<{tag}> is nested too deeply to be read"))
    if made is not None and not findings.errors:
        made.origin = Origin(source, canonical(element), tuple(findings.references))
        loaded.artifacts.append(made)
    loaded.errors += sorted(findings.errors, key=lambda error: error.line)
    loaded.notices += findings.notices


def collisions(artifacts: Iterable[Artifact]) -> Iterator[tuple[Artifact, DeploymentError]]:
    """Return each artifact that wants what one before it occupies, and the error that says so."""
    holders: dict[tuple[str, str], Artifact] = {}
    for newcomer in artifacts:
        for space, name in newcomer.occupied:
            holder = holders.setdefault((space, name), newcomer)
            if holder is not newcomer:
                what = "is a duplicate" if space == newcomer.space else f"has the {space} '{name}'"
                message = f"{newcomer.kind} '{newcomer.name}' {what} of {holder.origin.source}"
                source = newcomer.origin.source
                yield newcomer, DeploymentError(message, source.path, source.line)
                break


def canonical(element: etree._Element) -> str:
    """Return the canonical text of an element (C14N, without comments): the same for every way of writing it.

    Of a definition with a namespace that is no absolute URI, which C14N does not know, the attributes keep their order.
    """
    # C14N takes the namespaces of what is inside a part of a document for none
    if element.getparent() is not None:
        element = parse(etree.tostring(element, with_tail=False))
    try:
        return etree.tostring(element, method="c14n", with_comments=False).decode()
    except etree.C14NError:
        alone = copy.deepcopy(element)
        etree.strip_tags(alone, etree.Comment)
        return etree.tostring(alone, encoding="unicode", with_tail=False)


NOT_YET = frozenset(
    {
        "data", "dataService", "eventSource", "import", "inboundEndpoint", "messageProcessor",
        "messageStore", "priorityExecutor", "proxy", "template",
    }
)  # fmt: skip
"""Artifacts of the language that this version does not have."""

BUILT_IN = frozenset({"registry", "taskManager"})
"""What homes of the reference choose in a file like an artifact, and this server has only one of."""
