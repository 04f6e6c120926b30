"""What a task does when it fires, and the properties it is set up with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from lxml import etree

from micro_integrator.synapse.artifact import canonical
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.tasks import Fire

if TYPE_CHECKING:
    from micro_integrator.synapse.engine import Engine


class TaskWork(Protocol):
    """The body of a task. One object serves all fires, which may overlap unless it is sequential."""

    is_sequential: bool
    """Whether a run must have ended before the next one begins."""

    @property
    def prepare(self) -> Callable[[], Awaitable[None]] | None:
        """What the node that is given the task does before its first run; None if there is nothing to do."""
        ...

    async def start(self, engine: "Engine") -> None:
        """The task is deployed here; this node may run it, or never."""
        ...

    async def run(self, fire: Fire) -> None:
        """Do the work of one fire. Raises BodyFailed, which whoever fired tells, when it failed."""
        ...

    async def stop(self) -> None:
        """Give back what `start` took."""
        ...


@dataclass(frozen=True, slots=True)
class TaskProperty:
    """A setting: a text, or an element."""

    name: str
    text: str
    element: etree._Element | None
    reader: XmlReader
    """For complaints about the value."""

    @classmethod
    def read(cls, x: XmlReader) -> "TaskProperty":
        """Read <property>; the attribute `value` goes before what is inside."""
        name, value, inside, element = x.required("name"), x.resolved("value"), x.text().strip(), x.content()
        if value is not None:
            return cls(name, value, None, x)
        if element is None and not inside:
            x.report("<property> of <task> needs the attribute 'value', an element or a text")
        return cls(name, x.resolve(inside), element, x)

    @property
    def fingerprint(self) -> tuple[str, str]:
        """Name and canonical value."""
        return self.name, self.text if self.element is None else canonical(self.element)
