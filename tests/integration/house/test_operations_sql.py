"""The statements of docs/operations/sql.md run on every database, and find what they promise to find."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from harness import create_tables, execute, rows
from servers.server import Database

PAGE = (Path(__file__).parents[3] / "docs" / "operations" / "sql.md").read_text("utf-8")
CLOCKS = dict(re.findall(r"^```sql (\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
SECTIONS = dict(re.findall(r"^## ([^\n]+)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
STATEMENTS = {
    heading: found[1]
    for heading, text in SECTIONS.items()
    if (found := re.search(r"^```sql\n(.*?);\n```$", text, re.MULTILINE | re.DOTALL))
}
"""Heading → the statement below it."""

HOUR = 3_600_000
BOOT, FORMER_BOOT = (f"00000000-0000-4000-8000-00000000000{number}" for number in (1, 2))
OWNED = {"OWNER_NODE_ID": "node-1", "OWNER_BOOT_ID": BOOT, "STATE": "RUNNING"}
TASKS: dict[str, dict[str, Any]] = {
    "beat": {**OWNED, "LAST_FIRE_STATE": "DONE", "LAST_FIRE_AT": 0},
    "long": {**OWNED, "LAST_FIRE_STATE": "CLAIMED", "LAST_FIRE_AT": -HOUR, "CLAIM_ID": f"{BOOT}:a1"},
    "cut": {**OWNED, "LAST_FIRE_STATE": "CLAIMED", "LAST_FIRE_AT": -HOUR, "CLAIM_ID": f"{FORMER_BOOT}:b2"},
    "orphan": {"OWNER_NODE_ID": "node-3", "OWNER_BOOT_ID": FORMER_BOOT, "STATE": "NONE"},
    "undeployed": {"STATE": "NONE", "ORPHAN_SINCE": -HOUR},
    "resting": {**OWNED, "STATE": "PAUSED", "INTENT": "PAUSE", "LAST_FIRE_AT": -HOUR},
    "completed": {"STATE": "COMPLETED"},
    "going": {**OWNED, "MOVE_TO": "node-2"},
    "told": {**OWNED, "INTENT_SEQ": 2, "INTENT_DONE": 1},
}
"""Name → what its row has beside the usual; times are counted from now."""
FOUND: dict[str, set[object]] = {
    "Members": {"node-1", "node-2", "node-3"},
    "Leases that are late": {"node-2"},
    "The coordinator": {"node-1"},
    "Owners": set(TASKS),
    "Tasks per node": {"node-1", "node-3"},
    "Tasks without an owner": {"orphan", "undeployed"},
    "Fired last": {"beat", "long", "cut", "resting"},
    "Overdue": {"long", "cut"},
    "Claimed and not finished": {"long", "cut"},
    "Paused or completed": {"resting", "completed"},
    "Orders that were not followed yet": {"going", "told"},
    "Who has a task deployed": {"node-1"},
    "Undeployed, soon to be deleted": {"undeployed"},
    "Signal and version": {5},
    "The mirrors: WSO2's tables": {"beat"},
    "The mirror of the members": {"node-1"},
}
"""Heading → what its statement finds: the first column beside the group."""


def test_every_statement_of_the_page_is_known_here_and_only_reads() -> None:
    assert STATEMENTS.keys() == FOUND.keys()
    assert CLOCKS.keys() == {"postgresql", "mariadb", "sqlite"}
    assert len(re.findall(r"^```sql", PAGE, re.MULTILINE)) == len(STATEMENTS) + len(CLOCKS)
    assert all(text.startswith("SELECT ") for text in STATEMENTS.values())


def test_every_statement_finds_what_its_heading_says(group_of_three: Database) -> None:
    for heading, expected in FOUND.items():
        found = rows(group_of_three, _with_clock(group_of_three, STATEMENTS[heading]))
        assert {row[1] if row[0] == "default" else row[0] for row in found} == expected, heading


def test_a_long_body_is_told_from_one_that_its_owner_did_not_outlive(group_of_three: Database) -> None:
    statement = _with_clock(group_of_three, STATEMENTS["Claimed and not finished"])
    assert {row[1]: row[-1] for row in rows(group_of_three, statement)} == {"long": "yes", "cut": "no"}


@pytest.fixture
def group_of_three(database: Database) -> Database:
    """The tables of a group in which something of everything has happened: node-2 is silent, node-3 has left."""
    create_tables(database)
    [[now]] = rows(database, _with_clock(database, "SELECT NOW_MS FROM clock"))
    group = {"GROUP_ID": "default"}
    leases = (("node-1", BOOT, "ACTIVE", 0), ("node-2", "", "ACTIVE", -HOUR), ("node-3", "", "LEFT", -HOUR))
    for node, boot, status, renewed in leases:
        lease = {
            "NODE_ID": node,
            "BOOT_ID": boot,
            "STATUS": status,
            "RENEWED_AT": now + renewed,
            "INFO": "{}",
        }
        numbers = {"LEASE_EPOCH": 1, "LEASE_MS": 15000, "RENEW_SEQ": 1, "DEPLOY_SEQ": 1, "STARTED_AT": now}
        _insert(database, "MI_NODE_LEASE", group | lease | numbers)
    usual = {"FENCE": 1, "INTENT": "RUN", "INTENT_SEQ": 0, "INTENT_DONE": 0, "DEF_HASH": "-"}
    for task, given in TASKS.items():
        times = {name: now + given[name] for name in ("LAST_FIRE_AT", "ORPHAN_SINCE") if name in given}
        _insert(database, "MI_TASK_FENCE", group | {"TASK_NAME": task} | usual | given | times)
    published = {"NODE_ID": "node-1", "BOOT_ID": BOOT, "DEPLOY_SEQ": 1, "TASKS": '{"orders":{}}'}
    _insert(database, "MI_NODE_DEPLOYMENT", group | published)
    signal = {"SEQ": 5, "CHANGED_AT": now, "FENCE_FLOOR": 0, "WIRE_KEY": "00"}
    _insert(database, "MI_CLUSTER_SIGNAL", group | signal)
    beat = {"NODE_ID": "node-1", "LAST_HEARTBEAT": now}
    _insert(database, "LEADER_STATUS_TABLE", group | beat)
    _insert(database, "CLUSTER_NODE_STATUS_TABLE", group | beat | {"IS_NEW_NODE": 0})
    mirrored = {"TASK_NAME": "beat", "DESTINED_NODE_ID": "node-1", "TASK_STATE": "RUNNING"}
    _insert(database, "COORDINATED_TASK_TABLE", mirrored)
    return database


def _with_clock(database: Database, statement: str) -> str:
    return CLOCKS[database.kind] + statement if "FROM clock" in statement else statement


def _insert(database: Database, table: str, columns: Mapping[str, object]) -> None:
    marks = ", ".join(f":{name}" for name in columns)
    execute(database, f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", **columns)
