"""<task> - work that is done again and again, on one node of the cluster.

    <task name="NAME" [class="CLASS"] [group="GROUP"] [pinnedServers="SERVERS"]>
      [<trigger [interval="SECONDS"] [count="NUMBER"] [once="true"] [cron="EXPRESSION"]/>]
      (<property name="NAME" value="TEXT"/>)*
      (<property name="NAME"> one element | TEXT </property>)*
    </task>

name            name of the task (required)
class           what to run: a message injector (the default) or a class `module:Class` with a method `execute`, which
                may be a coroutine. Called if they are there: `init(engine)` and `destroy()` where it is deployed and
                undeployed, `start()` on the node that is given the task, each time before its first run there
group           kept for the sake of old definitions
pinnedServers   names of servers, separated by blanks or commas: the task runs on each of them, without coordination
interval        seconds between two runs
count           runs in total; -1 = for ever
once            true: a single run
cron            a cron expression with seconds
property        a setting of the class, given to `set_NAME(value)` or the attribute NAME. Three names belong to the
                task itself: `fire_mode` (claim, claim_retry, lease), `misfire` (skip, fire_once) and `timezone`

Without a trigger, or with an empty one, the task runs once.

A `start()` may be a coroutine. One that raises is called again after 1, 5 and 15 seconds; then this node refuses the
task until it is deployed here again, and another node gets it. It is also called when the class is deployed anew.

Properties of the message injector:

message         the payload: an element, or a text, which may be JSON
registryKey     an entry that holds the payload instead, looked up at each run
injectTo        main (the default) or sequence
sequenceName    the sequence to run
to, soapAction  addressing
format          soap11, soap12, pox or get
sequential      true: the next run waits for the end of this one (also isSequential)
invokeHandlers  has no effect

Example:

    <task xmlns="http://ws.apache.org/ns/synapse" name="nightly">
      <trigger cron="0 30 2 * * ?"/>
      <property name="timezone" value="Europe/Berlin"/>
      <property name="injectTo" value="sequence"/>
      <property name="sequenceName" value="report"/>
      <property name="message"><report xmlns="">daily</report></property>
    </task>
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self, cast

from micro_integrator.kit import wall_ms
from micro_integrator.observability import get_logger
from micro_integrator.synapse.artifact import Artifact, artifact
from micro_integrator.synapse.artifacts.message_injector import ALIASES, MessageInjector
from micro_integrator.synapse.artifacts.task_class import TaskClass
from micro_integrator.synapse.artifacts.task_work import TaskProperty, TaskWork
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.tasks import (
    MAX_NAME,
    Cron,
    FireMode,
    Misfire,
    Once,
    Task,
    Trigger,
    TriggerError,
    read_trigger,
)

if TYPE_CHECKING:
    from micro_integrator.synapse.engine import Engine

log = get_logger("StartUpController")

PROPERTY_NAMESPACE = "http://www.wso2.org/products/wso2commons/tasks"
SUSPICIOUS_INTERVAL = 3600
TRIGGER_ATTRIBUTES = ("interval", "count", "once", "cron")
RESERVED = ("fire_mode", "misfire", "timezone")
FIRE_MODES = ("claim", "claim_retry", "lease")
MISFIRES = ("skip", "fire_once")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a task runs: everything whose change begins a new count and a new grid."""

    trigger: Trigger
    count: int | None
    zone: str | None
    fire_mode: FireMode
    misfire: Misfire | None
    attributes: Mapping[str, str]
    """Attributes of the trigger, placeholders replaced."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 over trigger, count, time zone and fire mode."""
        return _sha256([sorted(self.attributes.items()), self.count, self.zone, self.fire_mode])


@artifact("task")
class ScheduledTask(Artifact):
    """Hands its work to whoever runs tasks, for as long as it is deployed."""

    name: str
    schedule: Schedule
    work: TaskWork
    body_hash: str
    place: Literal["cluster", "here", "elsewhere"]
    """Where it runs: on one node of the cluster, or pinned to this server, or pinned to others."""

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read the definition and make its work, so that a bad class or setting is found now."""
        name = _name(x)
        class_name, servers = x.attribute("class") or "message-injector", x.resolved("pinnedServers")
        x.attribute("group")
        properties = _properties(x)
        reserved = {key: properties.pop(key) for key in RESERVED if key in properties}
        pinned = (servers or "").replace(",", " ").split()
        return cls(
            name=name,
            schedule=_schedule(x, reserved),
            work=_work(name, class_name, properties, x),
            body_hash=_sha256([class_name, pinned, [entry.fingerprint for entry in properties.values()]]),
            place="cluster" if not pinned else "here" if x.terms.server_name in pinned else "elsewhere",
        )

    async def activate(self, engine: "Engine") -> None:
        """Prepare the work and hand it over; an older definition of the same name is replaced."""
        if self.place == "elsewhere":
            log.info("Server name not in pinned servers list. Not starting Task : {task}", task=self.name)
            return
        await self.work.start(engine)
        schedule = self.schedule
        engine.tasks.add(
            Task(
                name=self.name,
                trigger=schedule.trigger,
                count=schedule.count,
                body=self.work.run,
                definition_hash=schedule.fingerprint,
                body_hash=self.body_hash,
                fire_mode=schedule.fire_mode,
                misfire=schedule.misfire,
                prepare=self.work.prepare,
                sequential=self.work.is_sequential or schedule.fire_mode == "claim_retry",
                pinned=self.place == "here",
            )
        )

    async def replace(self, former: Self, engine: "Engine") -> None:
        """Take over without a gap: the task keeps its owner, and its count if the schedule is the same."""
        if self.place != former.place:
            await former.deactivate(engine)
        await self.activate(engine)
        if self.place == former.place != "elsewhere":
            await former.work.stop()

    async def deactivate(self, engine: "Engine") -> None:
        """Take the task back, then end what `activate` prepared."""
        if self.place != "elsewhere":
            engine.tasks.remove(self.name)
            await self.work.stop()


def _name(x: XmlReader) -> str:
    name = x.attribute("name")
    if not name:
        raise x.error("Name for a task is required, missing name in the task")
    if len(name) + len(x.terms.cluster_group) + 1 > MAX_NAME:
        x.report(
            f"the name of the task has {len(name)} characters: with the cluster's name at most {MAX_NAME} fit"
        )
    return name


def _properties(x: XmlReader) -> dict[str, TaskProperty]:
    found: dict[str, TaskProperty] = {}
    for part in x.children("property", also=PROPERTY_NAMESPACE):
        if part.has("expression"):
            part.ignore()
            part.report("Tasks does not support dynamic properties")
            continue
        entry = TaskProperty.read(part)
        if entry.name in found:
            part.report(f"property '{entry.name}' is given twice")
        found[entry.name] = entry
    return found


def _schedule(x: XmlReader, reserved: Mapping[str, TaskProperty]) -> Schedule:
    zone = reserved["timezone"].text if "timezone" in reserved else x.terms.zone
    attributes = x.first("trigger", _trigger_attributes) or {}
    try:
        trigger, count = read_trigger(attributes, zone)
    except TriggerError as error:
        x.report(f"<trigger>: {error}")
        trigger, count = Once(), 1
    if isinstance(trigger, Cron) and trigger.never_fires(wall_ms()):
        x.report(f"<trigger>: cron '{trigger.text}' never fires: no day matches from now on")
    fire_mode = cast(FireMode, _choice("fire_mode", FIRE_MODES, reserved, x) or x.terms.fire_mode)
    if fire_mode == "lease" and count:
        x.report(
            "<trigger>: count needs fire mode claim or claim_retry (a single run is a count of 1): nobody writes down "
            "the fires of mode lease"
        )
    interval = getattr(trigger, "seconds", 0)
    if interval >= SUSPICIOUS_INTERVAL:
        x.note(f"interval {interval:g} is in seconds: the task runs every {interval / 3600:.1f} hours")
    return Schedule(
        trigger=trigger,
        count=count,
        zone=zone if "cron" in attributes else None,
        fire_mode=fire_mode,
        misfire=cast(Misfire | None, _choice("misfire", MISFIRES, reserved, x) or x.terms.misfire),
        attributes=attributes,
    )


def _trigger_attributes(x: XmlReader) -> dict[str, str]:
    found = {name: x.resolved(name) for name in TRIGGER_ATTRIBUTES}
    return {name: value for name, value in found.items() if value is not None}


def _choice(
    name: str, words: tuple[str, ...], reserved: Mapping[str, TaskProperty], x: XmlReader
) -> str | None:
    value = reserved[name].text if name in reserved else None
    if value is not None and value not in words:
        x.report(f"property {name} '{value}': expected {', '.join(words[:-1])} or {words[-1]}")
        return None
    return value


def _work(name: str, class_name: str, properties: Mapping[str, TaskProperty], x: XmlReader) -> TaskWork:
    if class_name in ALIASES:
        return MessageInjector.read(name, properties, x)
    return TaskClass.read(name, x.terms.class_aliases.get(class_name, class_name), properties, x)


def _sha256(value: object) -> str:
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()
