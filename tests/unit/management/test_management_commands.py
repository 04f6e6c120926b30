"""Commands on tasks: what is answered, and what the audit log keeps."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from micro_integrator.kit import MicroIntegratorError
from micro_integrator.management import CommandError, Reply, Request, status_command, task_commands
from micro_integrator.management.commands import Caller
from micro_integrator.observability import recorded_lines

CALLER = Caller("ada", 42)


@dataclass
class Row:
    name: str
    owner: str | None = "node-1"
    next_fire_ms: int | None = None
    last_key: int | None = None
    last_state: str | None = None
    intent: str = "RUN"
    skipped: int = 0


@dataclass
class Effect:
    effective: bool = True


@dataclass
class FakeTasks:
    """Remembers what it was asked."""

    rows: Sequence[Row] = ()
    asked: dict[str, tuple[str, ...]] = field(default_factory=dict)
    effect: Effect = field(default_factory=Effect)

    async def list(self) -> Sequence[Row]:
        return self.rows

    async def pause(self, name: str, by: str) -> Effect:
        return self._note("pause", name, by)

    async def activate(self, name: str, by: str) -> Effect:
        return self._note("activate", name, by)

    async def trigger(self, name: str, by: str) -> Effect:
        return self._note("trigger", name, by)

    async def reset(self, name: str, by: str) -> Effect:
        return self._note("reset", name, by)

    async def move(self, name: str, node: str, by: str) -> Effect:
        return self._note("move", name, node, by)

    def _note(self, verb: str, name: str, *more: str) -> Effect:
        if name == "ordres":
            raise MicroIntegratorError("there is no task 'ordres' (did you mean 'orders'?)")
        self.asked[verb] = name, *more
        return self.effect


def request(action: str, **arguments: str) -> Request:
    return Request("task", action, arguments, CALLER)


async def run(tasks: FakeTasks, action: str, **arguments: str) -> Reply:
    return await task_commands(tasks, "node-1")[f"task {action}"](request(action, **arguments))


async def test_the_list_shows_every_column_for_people_and_for_machines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    rows = [
        Row("orders", "node-1", 1_740_906_907_114, 7, "OK", "RUN", 3),
        Row("b", owner=None, intent="PAUSE"),
    ]
    reply = await run(FakeTasks(rows), "list")
    assert reply.text.splitlines() == [
        "task    owner   next fire                last key  last state  intent  skipped",
        "orders  node-1  2025-03-02 09:15:07.114  7         OK          RUN     3",
        "b       -       -                        -         -           PAUSE   0",
    ]
    assert reply.rows[0] == {
        "task": "orders",
        "owner": "node-1",
        "next fire": "2025-03-02 09:15:07.114",
        "last key": 7,
        "last state": "OK",
        "intent": "RUN",
        "skipped": 3,
    }


@pytest.mark.parametrize(
    ("verb", "audited", "text"),
    [
        ("pause", "disabled", "Task [orders] is paused."),
        ("activate", "enabled", "Task [orders] is activated."),
        ("trigger", "triggered", "Task [orders] is triggered."),
        ("reset", "updated", "Task [orders] is reset."),
    ],
)
async def test_a_change_reaches_the_task_and_the_audit_log(verb: str, audited: str, text: str) -> None:
    tasks = FakeTasks()
    with recorded_lines() as lines:
        reply = await run(tasks, verb, name="orders")
    assert reply.text == text
    assert tasks.asked == {verb: ("orders", "ada")}
    (line,) = lines.records
    assert line.names.short == "AUDIT_LOG"
    kept = json.loads(line.message)
    assert kept.pop("requestId")
    assert kept == {
        "performedBy": "ada",
        "action": audited,
        "type": "task",
        "info": '{"taskName": "orders"}',
        "node": "node-1",
        "remote": "pid 42",
        "effective": True,
    }


async def test_a_move_names_the_node_to_the_task_and_to_the_audit_log() -> None:
    tasks = FakeTasks()
    with recorded_lines() as lines:
        reply = await run(tasks, "move", name="orders", node="node-2")
    assert reply.text == "Task [orders] is moved to [node-2]."
    assert tasks.asked == {"move": ("orders", "node-2", "ada")}
    kept = json.loads(lines.texts()[0])
    assert (kept["action"], kept["info"]) == ("updated", '{"taskName": "orders", "node": "node-2"}')
    with pytest.raises(CommandError, match="'task move' needs the argument 'node'"):
        await run(tasks, "move", name="orders")


async def test_a_change_that_is_not_confirmed_yet_is_told_as_such() -> None:
    reply = await run(FakeTasks(effect=Effect(effective=False)), "pause", name="orders")
    assert reply.text == "Task [orders] will be paused: stored, but its owner has not confirmed it yet."


async def test_a_refused_change_is_audited_with_its_reason() -> None:
    with recorded_lines() as lines, pytest.raises(MicroIntegratorError):
        await run(FakeTasks(), "pause", name="ordres")
    assert json.loads(lines.texts()[0])["error"] == "there is no task 'ordres' (did you mean 'orders'?)"


async def test_a_change_without_a_name_is_refused() -> None:
    with pytest.raises(CommandError, match="'task pause' needs the argument 'name'"):
        await run(FakeTasks(), "pause")


async def test_the_status_is_one_line_per_fact() -> None:
    command = status_command(lambda: {"pid": 1, "node id": "node-1", "ready": True, "coordinator": None})[
        "status"
    ]
    reply = await command(Request("status", "", {}, CALLER))
    assert reply.text.splitlines() == [
        "pid          1",
        "node id      node-1",
        "ready        yes",
        "coordinator  -",
    ]
    assert reply.rows[0]["ready"] is True
