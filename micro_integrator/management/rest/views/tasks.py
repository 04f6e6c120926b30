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


def tasks(lines: Mapping[str, TaskLine], *, is_clustered: bool) -> View:
    """Return the view of this moment: `lines` by name, empty while the database does not answer."""

    def row(one: Deployed) -> Row:
        line = lines.get(one.name)
        return {
            "status": _status(line),
            "runningOn": line.owner if line is not None else None,
            "coordinated": is_clustered and not one.attribute("pinnedServers"),
            "nextRun": _next_run(line),
            "lastResult": line.last_state if line is not None else None,
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


def _next_run(line: TaskLine | None) -> str | None:
    return None if line is None or line.next_fire_ms is None else instant(line.next_fire_ms)


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
