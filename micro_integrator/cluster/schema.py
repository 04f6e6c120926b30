"""The tables must be there, and of a version this release understands, before anything is coordinated.

Missing tables are created only where the operator has allowed it; several nodes may try at once. `scripts` is
what `dbscripts/` holds: a test compares the files there with it.
"""

import re
from contextlib import suppress
from functools import partial

from micro_integrator.cluster.tables import (
    ADDED_TABLES,
    BASE_TABLES,
    INSERT_VERSION,
    SCHEMA_MAJOR,
    SCHEMA_MINOR,
    Table,
)
from micro_integrator.database import (
    DIALECTS,
    Connection,
    Dialect,
    LostRace,
    Refused,
    Row,
    Statement,
    retrying,
)
from micro_integrator.observability import get_logger

log = get_logger("ClusterSchema")

_ALL_TABLES = (*BASE_TABLES, *ADDED_TABLES)
_ALL_HEADER = """\
-- All tables that a cluster needs, for a new and empty database. May be run again.
-- Written by dbscripts/generate.py."""
_ADDED_HEADER = """\
-- The tables to add to an existing WSO2 'clusterdb', whose own five stay as they are. May be run again.
-- Written by dbscripts/generate.py."""
_PROBES = [
    Statement(" UNION ALL ".join(f"SELECT 1 FROM {table.name} WHERE 1 = 0" for table in tables))  # noqa: S608
    for tables in (BASE_TABLES, ADDED_TABLES)
]
"""A missing base table is found before a missing one of ours: the script to run is then the whole one."""
_VERSION = Statement("SELECT MAJOR, MINOR FROM MI_SCHEMA_VERSION WHERE ID = 1")
_COLUMN = re.compile(
    r"(?P<name>\w+) (?P<type>\w+)(?:\((?P<size>\d+)\))?(?P<null> null)?(?: = (?P<default>\S+))?"
)


async def check_schema(connection: Connection, *, create_tables: bool) -> None:
    """Return when all tables exist in a fitting version, created here if allowed.

    Raises Refused naming the script to run for a missing table, or both versions where they do not fit; other
    errors of the database as they come.
    """
    missing = await _missing_table(connection)
    # another node may have made all tables this moment, and the row with the version not yet
    if create_tables and (missing or not await _version(connection)):
        await _create(connection)
        missing = await _missing_table(connection)
    if missing:
        raise Refused(
            f"Table {missing} does not exist; run {script_path(connection.dialect, missing)} on this database or "
            "set [cluster_config] create_tables = true",
            missing,
        )
    await _check_version(connection)


async def check_promises(connection: Connection) -> None:
    """Log what the database does not promise as it should; Refused where coordination would be unsafe."""
    for problem in await connection.check():
        if problem.severity == "error":
            raise Refused(str(problem))
        log.warning("{problem}", problem=problem)


def version_problem(major: int, minor: int) -> str:
    """Say why tables of version `major`.`minor` cannot be used by this release; empty = they can."""
    if major == SCHEMA_MAJOR:
        return ""
    remedy = "install a newer release on this node" if major > SCHEMA_MAJOR else "upgrade the tables"
    return (
        f"The coordination tables have version {major}.{minor}, this release needs {SCHEMA_MAJOR}.x "
        f"(it was built with {SCHEMA_MAJOR}.{SCHEMA_MINOR}); {remedy}"
    )


def scripts() -> dict[str, str]:
    """Return all scripts for people, by their path below `dbscripts/`; running one again changes nothing."""
    found = {}
    for dialect in DIALECTS.values():
        found[f"{dialect.scripts}_cluster.sql"] = _script(dialect, _ALL_TABLES, _ALL_HEADER)
        found[f"{dialect.scripts}_cluster_mi.sql"] = _script(dialect, ADDED_TABLES, _ADDED_HEADER)
    return found


def script_path(dialect: Dialect, table: str) -> str:
    """Return the script that creates `table`: ours alone if it is ours, else the one with all tables."""
    suffix = "_mi" if table in {added.name for added in ADDED_TABLES} else ""
    return f"dbscripts/{dialect.scripts}_cluster{suffix}.sql"


def _script(dialect: Dialect, tables: tuple[Table, ...], header: str) -> str:
    return "\n\n".join([header, *(f"{text};" for text in _statements(dialect, tables))]) + "\n"


def _statements(dialect: Dialect, tables: tuple[Table, ...]) -> list[str]:
    return [*(_create_table(dialect, table) for table in tables), INSERT_VERSION]


def _create_table(dialect: Dialect, table: Table) -> str:
    lines = [_column(dialect, line.strip()) for line in table.columns.strip().splitlines()]
    if table.key:
        lines.append(f"PRIMARY KEY ({table.key})")
    body = ",\n".join(f"    {line}" for line in lines)
    options = dialect.table_options(is_hot=table.is_hot)
    return f"CREATE TABLE IF NOT EXISTS {table.name} (\n{body}\n){options and ' ' + options}"


def _column(dialect: Dialect, line: str) -> str:
    found = _COLUMN.fullmatch(line)
    if found is None:
        raise ValueError(f"not a column: {line!r}")
    default = f" DEFAULT {found['default']}" if found["default"] else ""
    null = "" if found["null"] else " NOT NULL"
    return f"{found['name']} {dialect.column_type(found['type'], int(found['size'] or 0))}{default}{null}"


async def _missing_table(connection: Connection) -> str:
    for probe in _PROBES:
        try:
            await retrying(partial(connection.rows, probe))
        except Refused as refusal:
            if refusal.missing_table:
                return refusal.missing_table
            raise
    return ""


async def _create(connection: Connection) -> None:
    for text in _statements(connection.dialect, _ALL_TABLES):
        with suppress(LostRace):  # another node creates the same at this moment
            await retrying(partial(connection.changed, Statement(text)))
    log.info(
        "Created the coordination tables, version {major}.{minor}", major=SCHEMA_MAJOR, minor=SCHEMA_MINOR
    )


async def _version(connection: Connection) -> list[Row]:
    return await retrying(partial(connection.rows, _VERSION))


async def _check_version(connection: Connection) -> None:
    rows = await _version(connection)
    if not rows:
        path = script_path(connection.dialect, "MI_SCHEMA_VERSION")
        raise Refused(f"Table MI_SCHEMA_VERSION is empty; run {path} on this database")
    if problem := version_problem(rows[0].major, rows[0].minor):
        raise Refused(problem)
