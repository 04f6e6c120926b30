"""Commands on the cluster: what is answered, and what the audit log keeps."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from micro_integrator.kit import MicroIntegratorError
from micro_integrator.management import Reply, Request, cluster_commands
from micro_integrator.management.commands import Caller
from micro_integrator.observability import recorded_lines


@dataclass
class Member:
    node: str
    status: str = "ACTIVE"
    is_coordinator: bool = False
    lease_age_ms: int = 812
    wire: str | None = "both"
    evidence: str | None = None
    clock_offset_ms: int | None = -3
    boot_id: str = "b-1"
    heartbeat: str | None = "5000 x 3"
    tasks: int = 0
    release: str | None = "1.0"
    host: str | None = "h"
    started_ms: int = 1_740_906_907_114


class FakeGroup:
    """Has two members, or none; remembers two tasks, or has nothing to accept."""

    def __init__(self, refusal: str = "") -> None:
        self._refusal = refusal

    async def members(self) -> Sequence[Member]:
        if self._refusal:
            raise MicroIntegratorError(self._refusal)
        return [Member("node-1", is_coordinator=True, tasks=7), Member("node-2", "LEFT", release=None)]

    async def accept_rollback(self) -> int:
        if self._refusal:
            raise MicroIntegratorError(self._refusal)
        return 2


async def run(group: FakeGroup, action: str) -> Reply:
    request = Request("cluster", action, {}, Caller("ada", 42))
    return await cluster_commands(group, group, "node-1")[f"cluster {action}"](request)


async def test_the_members_are_shown_for_people_and_for_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    reply = await run(FakeGroup(), "members")
    head, first, second = (line.split("  ") for line in reply.text.splitlines())
    assert [cell for cell in head if cell] == [
        "node", "status", "coordinator", "lease age ms", "wire", "evidence", "clock offset ms", "boot id",
        "heart-beat ms", "tasks", "release", "host", "started",
    ]  # fmt: skip
    assert [cell.strip() for cell in first if cell] == [
        "node-1", "ACTIVE", "yes", "812", "both", "-", "-3", "b-1", "5000 x 3", "7", "1.0", "h",
        "2025-03-02 09:15:07.114",
    ]  # fmt: skip
    assert [cell.strip() for cell in second if cell][:3] == ["node-2", "LEFT", "no"]
    assert reply.rows[0]["coordinator"] is True
    assert reply.rows[1]["release"] is None


async def test_an_accepted_rollback_is_told_and_audited() -> None:
    with recorded_lines() as lines:
        reply = await run(FakeGroup(), "accept-rollback")
    assert reply.text.startswith(
        "Accepted: 2 task(s) that node [node-1] remembers go on after their last keys"
    )
    kept = json.loads(lines.texts()[0])
    assert kept.pop("requestId")
    assert kept == {
        "performedBy": "ada",
        "action": "updated",
        "type": "cluster",
        "info": '{"command": "cluster accept-rollback"}',
        "node": "node-1",
        "remote": "pid 42",
        "tasks": 2,
    }


async def test_a_refused_rollback_is_audited_with_its_reason() -> None:
    with recorded_lines() as lines, pytest.raises(MicroIntegratorError, match="nothing to accept"):
        await run(FakeGroup("there is nothing to accept"), "accept-rollback")
    assert json.loads(lines.texts()[0])["error"] == "there is nothing to accept"
