"""/tasks: scheduled work, how it is triggered, and who runs it at present."""

from collections.abc import Mapping
from typing import Protocol

from lxml.etree import _Element, tostring

from micro_integrator.management.on_tasks import TaskRow
from micro_integrator.management.rest.selection import Row
from micro_integrator.management.rest.views.view import Deployed, View, instant

GROUP = "synapse.simple.quartz"
INJECTOR = "org.apache.synapse.startup.tasks.MessageInjector"
FOR_EVER = -1


class TaskLine(TaskRow, Protocol):
    """One task as the tasks room knows it, with the state of its row."""

    @property
    def state(self) -> str: ...
    @property
    def destined(self) -> str | None:
        """The node it is being moved to, else its owner."""
        ...

    @property
    def last_fire_ms(self) -> int | None:
        """When its newest occurrence was claimed, milliseconds since 1970."""
        ...

    @property
    def runs(self) -> int:
        """Occurrences claimed since its definition came into force."""
        ...

    @property
    def failed(self) -> int:
        """Bodies that failed on this node."""
        ...


def tasks(lines: Mapping[str, TaskLine], *, node_id: str, is_clustered: bool) -> View:
    """Return the view of this moment: `lines` by name, empty while the database does not answer."""

    def row(one: Deployed) -> Row:
        line = lines.get(one.name)
        is_coordinated = is_clustered and not one.attribute("pinnedServers")

        def node(owner: str | None) -> str | None:
            # a row that is not coordinated is owned under a name that no node has
            return owner if is_coordinated or owner is None else node_id

        return {
            "status": _status(line),
            "runningOn": line and node(line.owner),
            "destinedNode": line and node(line.destined),
            "coordinated": is_coordinated,
            "lastRun": line and _instant(line.last_fire_ms),
            "nextRun": line and _instant(line.next_fire_ms),
            "lastResult": line and line.last_state,
            "runs": line and line.runs,
            "failures": line and line.failed,
        }

    def detail(one: Deployed) -> Row:
        return {**_written(one), **row(one)}

    return View(path="/tasks", kind="task", keys=("taskName",), row=row, detail=detail)


def _status(line: TaskLine | None) -> str:
    if line is None:
        return "waiting"
    if line.intent == "PAUSE":
        return "paused"
    return "waiting" if line.owner is None or line.state == "COMPLETED" else "active"


def _instant(wall_ms: int | None) -> str | None:
    return None if wall_ms is None else instant(wall_ms)


def _written(one: Deployed) -> Row:
    """Return what the definition says, placeholders as they were written."""
    return {
        "taskGroup": one.attribute("group", GROUP),
        "implementation": one.attribute("class", INJECTOR),
        **_trigger(next(iter(one.children("trigger")), None)),
        "properties": [_property(child) for child in one.children("property")],
    }


def _trigger(element: _Element | None) -> Row:
    attributes: Mapping[str, str] = {"once": "true"}
    if element is not None:
        attributes = {str(name): str(value) for name, value in element.attrib.items()}
    if "cron" in attributes:
        return {"triggerType": "cron", "cronExpression": attributes["cron"]}
    is_once = attributes.get("once") == "true"
    count = "1" if is_once else attributes.get("count", str(FOR_EVER))
    interval = attributes.get("interval", "1")
    in_ms = str(int(interval) * 1000) if interval.isdecimal() else interval
    return {"triggerType": "simple", "triggerCount": count, "triggerInterval": in_ms}


def _property(element: _Element) -> Row:
    value = element.get("value")
    if value is None:
        inside = [tostring(child, encoding="unicode", with_tail=False) for child in element]
        value = inside[0] if inside else (element.text or "").strip()
    return {"name": element.get("name", ""), "value": value}
