"""The tables on the real databases, held against the specification typed in below (coordination 1.3 and 8.2)."""

import asyncio

import pytest
from servers.scripts import run_script, script_for
from servers.server import Database

from micro_integrator.cluster.schema import check_promises, check_schema
from micro_integrator.database import Connection, DataSource, Refused, Statement

BASE = {
    "LEADER_STATUS_TABLE": ("GROUP_ID V512; NODE_ID V512; LAST_HEARTBEAT BIGINT", "GROUP_ID"),
    "CLUSTER_NODE_STATUS_TABLE": (
        "GROUP_ID V512; NODE_ID V512; IS_NEW_NODE INT; LAST_HEARTBEAT BIGINT",
        "GROUP_ID NODE_ID",
    ),
    "MEMBERSHIP_EVENT_TABLE": ("GROUP_ID V512; NODE_ID V512; CHANGE_TYPE INT; CHANGED_MEMBER_ID V512", ""),
    "REMOVED_MEMBERS_TABLE": ("GROUP_ID V512; NODE_ID V512; REMOVED_MEMBER_ID V512", ""),
    "COORDINATED_TASK_TABLE": (
        "TASK_NAME V512; DESTINED_NODE_ID V512 null; TASK_STATE V32 null",
        "TASK_NAME",
    ),
}
ADDED = {
    "MI_NODE_LEASE": (
        "GROUP_ID V200; NODE_ID V200; BOOT_ID V36; LEASE_EPOCH BIGINT; LEASE_MS BIGINT; RENEW_SEQ BIGINT; "
        "RENEWED_AT BIGINT; STATUS V16; DEPLOY_SEQ BIGINT; ENDPOINT V255 null; STARTED_AT BIGINT; INFO V1000",
        "GROUP_ID NODE_ID",
    ),
    "MI_NODE_DEPLOYMENT": (
        "GROUP_ID V200; NODE_ID V200; BOOT_ID V36; DEPLOY_SEQ BIGINT; TASKS CLOB",
        "GROUP_ID NODE_ID",
    ),
    "MI_TASK_FENCE": (
        "GROUP_ID V200; TASK_NAME V512; FENCE BIGINT; OWNER_NODE_ID V200 null; OWNER_BOOT_ID V36 null; STATE V10; "
        "INTENT V8; INTENT_SEQ BIGINT; INTENT_DONE BIGINT; DEF_HASH V64; ANCHOR_AT BIGINT null; "
        "ANCHOR_KEY BIGINT null; LAST_FIRE_KEY BIGINT; LAST_FIRE_STATE V10 null; LAST_FIRE_AT BIGINT null; "
        "CLAIM_ID V64 null; FIRED_COUNT BIGINT; MOVE_TO V200 null; TRIGGER_SEQ BIGINT; TRIGGER_DONE BIGINT; "
        "TRIGGER_AT BIGINT null; TRIGGER_CLAIM V64 null; ORPHAN_SINCE BIGINT null",
        "GROUP_ID TASK_NAME",
    ),
    "MI_CLUSTER_SIGNAL": (
        "GROUP_ID V200; SEQ BIGINT; CHANGED_AT BIGINT; FENCE_FLOOR BIGINT; WIRE_KEY V64",
        "GROUP_ID",
    ),
    "MI_REVOKED_TOKEN": ("GROUP_ID V200; TOKEN_ID V64; EXPIRES_AT BIGINT", "GROUP_ID TOKEN_ID"),
    "MI_SCHEMA_VERSION": ("ID INT; MAJOR INT; MINOR INT", "ID"),
}
SPECIFIED = BASE | ADDED

COLUMNS = Statement(
    "",
    postgresql="""
        SELECT UPPER(table_name), UPPER(column_name), data_type, character_maximum_length, is_nullable
          FROM information_schema.columns WHERE table_schema = 'public' ORDER BY table_name, ordinal_position
    """,
    mysql="""
        SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH, IS_NULLABLE
          FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION
    """,
    sqlite="""
        SELECT m.name, c.name, c.type, NULL, CASE WHEN c."notnull" THEN 'NO' ELSE 'YES' END
          FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY m.name, c.cid
    """,
)
INDEXES = Statement(
    "",
    postgresql="""
        SELECT UPPER(t.relname), UPPER(a.attname), i.indisprimary
          FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid
          JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'public'
          JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(attnum, place) ON TRUE
          JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
         ORDER BY t.relname, k.place
    """,
    mysql="""
        SELECT TABLE_NAME, COLUMN_NAME, INDEX_NAME = 'PRIMARY' FROM information_schema.STATISTICS
         WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, SEQ_IN_INDEX
    """,
    sqlite="""
        SELECT m.name, c.name, 1 FROM sqlite_master m JOIN pragma_table_info(m.name) c
         WHERE m.type = 'table' AND c.pk > 0
        UNION ALL
        SELECT m.name, i.name, 0 FROM sqlite_master m JOIN pragma_index_list(m.name) i WHERE i.origin = 'c'
         ORDER BY 1
    """,
)
TYPES = {
    "character varying": "V", "varchar": "V", "bigint": "BIGINT", "integer": "INT", "int": "INT",
    "text": "CLOB", "longtext": "CLOB",
}  # fmt: skip


async def found_columns(database: Database, connection: Connection) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for table, column, kind, length, nullable in await connection.rows(COLUMNS):
        logical = kind if database.kind == "sqlite" else TYPES[kind.lower()]
        size = length if logical == "V" else ""
        found.setdefault(table, []).append(
            f"{column} {logical}{size}" + (" null" if nullable == "YES" else "")
        )
    return {table: "; ".join(columns) for table, columns in found.items()}


def as_stored_by_sqlite(columns: str) -> str:
    stored = []
    for column in columns.split("; "):
        name, kind, *null = column.split()
        stored.append(" ".join([name, "INTEGER" if kind in ("BIGINT", "INT") else "TEXT", *null]))
    return "; ".join(stored)


@pytest.mark.usefixtures("tables")
async def test_tables_columns_and_types_are_those_of_the_specification(
    database: Database, connection: Connection
) -> None:
    expected = {table: columns for table, (columns, _) in SPECIFIED.items()}
    if database.kind == "sqlite":
        expected = {table: as_stored_by_sqlite(columns) for table, columns in expected.items()}
    assert await found_columns(database, connection) == expected


@pytest.mark.usefixtures("tables")
async def test_there_are_the_specified_primary_keys_and_no_other_index(connection: Connection) -> None:
    found: dict[str, list[str]] = {}
    for table, column, is_primary in await connection.rows(INDEXES):
        assert is_primary, f"{table} has another index on {column}"
        found.setdefault(table, []).append(column)
    assert found == {table: key.split() for table, (_, key) in SPECIFIED.items() if key}


@pytest.mark.usefixtures("tables")
async def test_names_are_compared_with_case_and_to_the_last_character(connection: Connection) -> None:
    insert = Statement("INSERT INTO COORDINATED_TASK_TABLE (TASK_NAME) VALUES (:name)")
    for name in ("task-1", "Task-1", "tâsk-1", "x" * 512):
        await connection.changed(insert, name=name)
    rows = await connection.rows(Statement("SELECT 1 FROM COORDINATED_TASK_TABLE WHERE TASK_NAME = 'TASK-1'"))
    assert rows == []


async def test_without_permission_a_missing_table_names_the_script(
    database: Database, connection: Connection
) -> None:
    folder = {"postgresql": "postgres/postgresql", "mariadb": "mysql/mysql", "sqlite": "sqlite/sqlite"}[
        database.kind
    ]
    with pytest.raises(
        Refused, match=f"run dbscripts/{folder}_cluster.sql on this database or set"
    ) as refused:
        await check_schema(connection, create_tables=False)
    assert refused.value.missing_table in BASE


@pytest.mark.usefixtures("tables")
async def test_beside_the_tables_of_wso2_only_ours_are_asked_for(connection: Connection) -> None:
    await connection.changed(Statement("DROP TABLE MI_TASK_FENCE"))
    with pytest.raises(Refused, match=r"Table MI_TASK_FENCE does not exist; run .*_cluster_mi\.sql"):
        await check_schema(connection, create_tables=False)


async def test_several_nodes_may_create_the_tables_at_once(source: DataSource) -> None:
    connections = [await source.connect() for _ in range(5)]
    await asyncio.gather(*(check_schema(connection, create_tables=True) for connection in connections))
    assert [
        tuple(row) for row in await connections[0].rows(Statement("SELECT ID FROM MI_SCHEMA_VERSION"))
    ] == [(1,)]
    for connection in connections:
        await connection.close()


@pytest.mark.usefixtures("tables")
async def test_a_version_that_another_node_has_not_written_yet_is_written(connection: Connection) -> None:
    await connection.changed(Statement("DELETE FROM MI_SCHEMA_VERSION"))
    await check_schema(connection, create_tables=True)
    assert len(await connection.rows(Statement("SELECT ID FROM MI_SCHEMA_VERSION"))) == 1


@pytest.mark.usefixtures("tables")
async def test_existing_tables_and_rows_are_left_alone(connection: Connection) -> None:
    await connection.changed(Statement("UPDATE MI_SCHEMA_VERSION SET MINOR = 3"))
    await connection.changed(Statement("DROP TABLE MI_NODE_LEASE"))
    await check_schema(connection, create_tables=True)
    assert await connection.rows(Statement("SELECT MAJOR, MINOR FROM MI_SCHEMA_VERSION")) == [(1, 3)]


@pytest.mark.usefixtures("tables")
async def test_tables_of_a_newer_major_version_are_refused(connection: Connection) -> None:
    await connection.changed(Statement("UPDATE MI_SCHEMA_VERSION SET MAJOR = 2"))
    with pytest.raises(Refused, match="have version 2"):
        await check_schema(connection, create_tables=True)


@pytest.mark.usefixtures("tables")
async def test_tables_without_a_version_are_refused(connection: Connection) -> None:
    await connection.changed(Statement("DELETE FROM MI_SCHEMA_VERSION"))
    with pytest.raises(Refused, match="MI_SCHEMA_VERSION is empty; run"):
        await check_schema(connection, create_tables=False)


@pytest.mark.parametrize("name", ["cluster", "cluster_mi"])
async def test_the_shipped_scripts_can_be_run_twice(
    database: Database, connection: Connection, name: str
) -> None:
    for _ in range(2):
        await run_script(connection, script_for(database.kind, name))
    tables = set(await found_columns(database, connection))
    assert tables == set(SPECIFIED if name == "cluster" else ADDED)


async def test_a_sound_database_keeps_its_promises(connection: Connection) -> None:
    await check_promises(connection)
