"""The default work of a task: put a message into a sequence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lxml import etree

from micro_integrator.kit import did_you_mean
from micro_integrator.synapse.artifacts.task_work import TaskProperty
from micro_integrator.synapse.entry import Entry
from micro_integrator.synapse.errors import LeaseLost
from micro_integrator.synapse.formats import Content, Xml, soap, understood_text
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.message import Body, Message
from micro_integrator.tasks import BodyFailed, Fire

if TYPE_CHECKING:
    from micro_integrator.synapse.engine import Engine

ALIASES = frozenset({"message-injector", "org.apache.synapse.startup.tasks.MessageInjector"})
MAIN = "main"

NAMES = frozenset(
    {
        "message", "registryKey", "injectTo", "sequenceName", "proxyName", "to", "soapAction", "format", "sequential",
        "isSequential", "invokeHandlers",
    }
)  # fmt: skip
PLAIN_FORMATS = frozenset({"pox", "get"})


@dataclass(eq=False)
class MessageInjector:
    """Makes a message for each fire and injects it."""

    task: str
    sequence: str
    """The sequence to run; empty when the definition names none."""
    payload: Content
    registry_key: str | None
    to: str | None
    soap_action: str | None
    format: str | None
    is_sequential: bool

    @classmethod
    def read(cls, task: str, properties: Mapping[str, TaskProperty], x: XmlReader) -> "MessageInjector":
        """Make the work out of a task's properties; the payload is read once, here."""
        texts = {name: entry.text for name, entry in properties.items()}
        for name, entry in properties.items():
            if name not in NAMES:
                entry.reader.report(
                    f"the message injector has no property '{name}'{did_you_mean(name, NAMES)}"
                )
        if texts.get("injectTo", MAIN).lower() == "proxy":
            properties["injectTo"].reader.report(
                "injectTo 'proxy' is not supported yet: inject into a sequence"
            )
        message = properties.get("message")
        if "registryKey" in texts:
            x.refer("entry", texts["registryKey"])
        sequential = texts.get("sequential", texts.get("isSequential", "false"))
        return cls(
            task=task,
            sequence=_sequence(texts, x),
            payload=None if message is None else _payload(message),
            registry_key=texts.get("registryKey"),
            to=texts.get("to"),
            soap_action=texts.get("soapAction"),
            format=texts.get("format"),
            is_sequential=sequential.strip().lower() == "true",
        )

    prepare = None
    """A message needs nothing before the first run."""

    async def start(self, engine: "Engine") -> None:
        """Remember the engine, and how to enter it."""
        self._engine = engine
        self._entry = Entry(self.sequence)

    async def run(self, fire: Fire) -> None:
        """Inject one message and wait until its flow has ended."""
        message = self._message(fire)
        outcome = await self._engine.inject(self._entry, message)
        if outcome.state == "faulted":
            # a lost lease runs no fault sequence that would have told it
            is_told = not isinstance(outcome.error, LeaseLost)
            raise BodyFailed(str(outcome.error), is_told=is_told) from outcome.error

    async def stop(self) -> None:
        """Nothing was taken."""

    def _message(self, fire: Fire) -> Message:
        if not self.sequence:
            raise BodyFailed("Sequence name not specified")
        if self._engine.branch(self.sequence) is None:
            raise BodyFailed(f"Sequence: {self.sequence} not found")
        message = self._engine.message()
        message.body = self._body(message)
        message.fire, message.to, message.soap_action = fire, self.to, self.soap_action
        if self.format in soap.VERSIONS:
            message.body.use_soap(soap.VERSIONS[self.format])
        message.is_plain, message.is_get = self.format in PLAIN_FORMATS, self.format == "get"
        message.default.update(_fire_properties(self.task, fire))
        return message

    def _body(self, message: Message) -> Body:
        if self.payload is not None:
            return Body.sharing(self.payload)
        found = None if self.registry_key is None else message.entry(self.registry_key)
        if isinstance(found, etree._Element):
            return Body.sharing(Xml(found))
        if isinstance(found, str):
            return Body(understood_text(found))
        raise BodyFailed("message or registry-key not set")


def _sequence(texts: Mapping[str, str], x: XmlReader) -> str:
    if texts.get("injectTo", MAIN).lower() != "sequence":
        return MAIN
    name = texts.get("sequenceName", "")
    if name:
        x.refer("sequence", name)
    else:
        x.note("injectTo is 'sequence', but there is no sequenceName: every run will fail")
    return name


def _payload(message: TaskProperty) -> Content:
    return understood_text(message.text) if message.element is None else Xml(message.element)


def _fire_properties(task: str, fire: Fire) -> dict[str, object]:
    numbers = {"coordination.fire_key": fire.key, "coordination.trigger_seq": fire.trigger_seq}
    return {
        "task.name": task,
        "coordination.task": fire.task,
        "coordination.fence": fire.fence,
        "coordination.redelivered": fire.redelivered,
        **{name: number for name, number in numbers.items() if number is not None},
    }
