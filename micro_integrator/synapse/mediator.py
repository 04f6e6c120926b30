"""What a mediator is, how it is found by its element, and a list of them: a branch.

The catalogue is filled by `mediators/__init__`. Mediators are frozen: what belongs to one message travels with the
message, what is needed for all messages is made when the definition is read.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Self, TypeVar, dataclass_transform

from micro_integrator.kit import did_you_mean
from micro_integrator.synapse.errors import DeploymentError
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.grammar import XmlReader, is_ours
from micro_integrator.synapse.message import Message


class Mediator(ABC):
    """One step of a flow."""

    @classmethod
    @abstractmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Return the mediator that the element describes; errors are reported to `x` or raised."""

    @property
    def reads_body(self) -> bool:
        """Whether the payload must have arrived before this runs; saying True too often only costs time."""
        return True

    @abstractmethod
    async def mediate(self, message: Message, flow: Flow) -> bool:
        """Do the step. True = go on with the next one; False = this flow ends here. Raising runs the fault sequence."""


Mediate = Callable[[Message, Flow], Awaitable[bool]]


@dataclass(frozen=True, slots=True)
class Branch:
    """Mediators that run one after the other, each with its position in the artifact."""

    steps: tuple[tuple[Mediator, str], ...]
    name: str = ""
    """Key of a named sequence; empty inside a mediator."""
    on_error: str | None = None
    """Key of the sequence that handles errors while this branch runs."""
    plan: tuple[tuple[Mediate, bool, str], ...] = field(init=False, compare=False)
    """The steps as they are run: what to call, whether the payload must have arrived before, and the position."""

    def __post_init__(self) -> None:
        plan = tuple((step.mediate, step.reads_body, position) for step, position in self.steps)
        object.__setattr__(self, "plan", plan)


M = TypeVar("M", bound=Mediator)
_CATALOGUE: dict[str, type[Mediator]] = {}


@dataclass_transform(frozen_default=True)
def mediator(tag: str) -> Callable[[type[M]], type[M]]:
    """Make the class a frozen dataclass and enter it in the catalogue under its element's name."""

    def enter(cls: type[M]) -> type[M]:
        frozen = dataclass(frozen=True)(cls)
        _CATALOGUE[tag] = frozen
        return frozen

    return enter


def read_branch(x: XmlReader) -> Branch:
    """Read the mediators inside an element."""
    return Branch(read_mediators(x))


def read_mediators(x: XmlReader) -> tuple[tuple[Mediator, str], ...]:
    """Read every child that has not been asked for by name; what is wrong with one does not hide the next."""
    steps = []
    for child in x.others():
        try:
            steps.append((read_mediator(child), child.position))
        except DeploymentError as error:
            child.ignore()
            x.findings.errors.append(error)
    return tuple(steps)


def read_mediator(x: XmlReader) -> Mediator:
    """Read one element as a mediator. Raises DeploymentError when it is none."""
    if not is_ours(x.element):
        raise x.error(f"unknown element {x.element.tag}: mediators are in the namespace of Synapse")
    cls = _CATALOGUE.get(x.tag)
    if cls is None:
        if x.tag in NOT_YET or "." in x.tag:
            raise x.error(f"<{x.tag}> is not supported yet")
        raise x.error(f"unknown mediator <{x.tag}>{did_you_mean(x.tag, {*_CATALOGUE, *NOT_YET})}")
    return cls.from_xml(x)


NOT_YET = frozenset(
    {
        "aggregate", "annotatedCommand", "bam", "bean", "builder", "cache", "call-template",
        "callout", "class", "clone", "conditionalRouter", "datamapper", "dataServiceCall", "dblookup",
        "dbreport", "ejb", "enqueue", "enrich", "entitlementService", "eventPublisher", "fastXSLT",
        "foreach", "in", "iterate", "jsontransform", "loopback", "makefault", "NTLM", "oauthService",
        "opa", "out", "pojoCommand", "publishEvent", "rewrite", "router", "rule", "sampler",
        "scatter-gather", "script", "smooks", "spring", "store", "synapse", "throttle",
        "throwError", "transaction", "validate", "xquery", "xslt",
    }
)  # fmt: skip
"""Mediators of the language that this version does not have, so that nobody takes them for spelling mistakes."""
