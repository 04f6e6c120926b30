"""What the cluster relies on, shown on every real database: answers, conflicts, clocks."""

import time

import pytest
from servers.server import Database
from servers.settings import settings_of

from micro_integrator.database import (
    Connection,
    DataSource,
    LostRace,
    OutcomeUnknown,
    Refused,
    Retryable,
    Statement,
    Unreachable,
)

MAKE = Statement("CREATE TABLE THINGS (ID INT NOT NULL, AMOUNT BIGINT, NAME VARCHAR(50), PRIMARY KEY (ID))")
INSERT = Statement("INSERT INTO THINGS (ID, AMOUNT, NAME) VALUES (:id, :amount, :name)")
ADD = Statement("UPDATE THINGS SET AMOUNT = :amount WHERE ID = :id")
READ = Statement("SELECT ID, AMOUNT, NAME FROM THINGS ORDER BY ID")


@pytest.fixture
async def things(connection: Connection) -> Connection:
    await connection.changed(MAKE)
    return connection


async def test_rows_are_read_by_position_and_by_label(things: Connection) -> None:
    await things.changed(INSERT, id=1, amount=2**62, name="50 % 'off' \\ ü😀")
    [row] = await things.rows(READ)
    assert tuple(row) == (1, 2**62, "50 % 'off' \\ ü😀")
    assert (row.id, row.amount, row[2]) == (1, 2**62, row.name)


async def test_the_pool_and_dedicated_connections_see_each_others_writes_at_once(
    source: DataSource, things: Connection
) -> None:
    assert await source.rows(READ) == []
    await things.changed(INSERT, id=1, amount=1, name=None)
    assert len(await source.rows(READ)) == 1
    assert await source.changed(ADD, id=1, amount=5) == 1
    [row] = await things.rows(READ)
    assert row.amount == 5


async def test_an_update_counts_the_rows_it_matched_even_if_they_do_not_change(things: Connection) -> None:
    await things.changed(INSERT, id=1, amount=1, name=None)
    assert await things.changed(ADD, id=1, amount=1) == 1
    assert await things.changed(ADD, id=2, amount=1) == 0


async def test_a_duplicate_key_is_a_lost_race_and_nothing_else_is(things: Connection) -> None:
    await things.changed(INSERT, id=1, amount=1, name=None)
    with pytest.raises(LostRace):
        await things.changed(INSERT, id=1, amount=2, name=None)
    with pytest.raises(Refused):
        await things.changed(INSERT, id=None, amount=2, name=None)
    assert len(await things.rows(READ)) == 1


async def test_a_missing_table_is_refused_by_name_and_the_connection_stays_usable(things: Connection) -> None:
    with pytest.raises(Refused) as refused:
        await things.rows(Statement("SELECT 1 FROM MI_NOWHERE"))
    assert refused.value.missing_table == "MI_NOWHERE"
    assert await things.rows(READ) == []


async def test_the_database_tells_the_time_in_milliseconds(connection: Connection) -> None:
    [[now]] = await connection.rows(Statement("SELECT {now_ms}"))
    assert isinstance(now, int)
    assert abs(now - time.time() * 1000) < 60_000


async def test_the_clock_of_the_database_does_not_stand_still(connection: Connection) -> None:
    clock = Statement("SELECT {now_ms}")
    first = (await connection.rows(clock))[0][0]
    deadline = time.monotonic() + 5
    while (await connection.rows(clock))[0][0] == first:
        assert time.monotonic() < deadline


async def test_nulls_compare_as_equal_with_the_accent(things: Connection) -> None:
    await things.changed(INSERT, id=1, amount=None, name=None)
    same = Statement("SELECT ID FROM THINGS WHERE AMOUNT {same} :amount")
    assert len(await things.rows(same, amount=None)) == 1
    assert await things.rows(same, amount=1) == []


async def test_a_sound_database_has_no_problem(database: Database, connection: Connection) -> None:
    for _ in range(2):
        problems = [problem.what for problem in await connection.check()]
        assert problems == (["SQLite serves processes of one host only"] if database.kind == "sqlite" else [])


async def test_an_aborted_connection_refuses_politely(connection: Connection, source: DataSource) -> None:
    connection.abort()
    connection.abort()
    with pytest.raises(Unreachable, match="aborted"):
        await connection.rows(Statement("SELECT 1"))
    assert await source.rows(Statement("SELECT 1")) == [(1,)]


async def test_a_closed_connection_refuses_politely(connection: Connection) -> None:
    await connection.close()
    await connection.close()
    with pytest.raises(Unreachable, match="closed"):
        await connection.changed(Statement("SELECT 1"))


async def test_a_closed_datasource_refuses_politely_and_can_be_opened_again(source: DataSource) -> None:
    await source.close()
    await source.close()
    with pytest.raises(Unreachable, match="not open"):
        await source.rows(Statement("SELECT 1"))
    await source.open()
    assert await source.rows(Statement("SELECT 1")) == [(1,)]


SLOW_READ = Statement(
    "",
    postgresql="SELECT pg_sleep(30)",
    mysql="SELECT SLEEP(30)",
    sqlite="WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT MAX(x) FROM n",
)
SLOW_WRITE = Statement(
    "",
    postgresql="UPDATE THINGS SET AMOUNT = 7 FROM (SELECT pg_sleep(30)) s",
    mysql="UPDATE THINGS SET AMOUNT = SLEEP(30)",
    sqlite="""
        UPDATE THINGS SET AMOUNT =
            (WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT MAX(x) FROM n)
    """,
)


async def slow(database: Database, connection: Connection) -> None:
    """Switch the server's own limits off, so that only the client's timer is left."""
    if database.kind == "postgresql":
        await connection.changed(Statement("SET statement_timeout = 0"))
    if database.kind == "mariadb":
        await connection.changed(Statement("SET SESSION max_statement_time = 0"))


async def test_a_read_without_an_answer_in_time_is_given_up(
    database: Database, things: Connection, source: DataSource
) -> None:
    await things.changed(INSERT, id=1, amount=1, name=None)
    hasty = await source.connect(statement_timeout=0.5)
    await slow(database, hasty)
    began = time.monotonic()
    with pytest.raises(Unreachable, match=r"no answer within 0\.5 s"):
        await hasty.rows(SLOW_READ)
    assert time.monotonic() - began < 5
    with pytest.raises(Unreachable):
        await hasty.rows(READ)


async def test_a_write_without_an_answer_in_time_has_an_unknown_outcome(
    database: Database, things: Connection, source: DataSource
) -> None:
    await things.changed(INSERT, id=1, amount=1, name=None)
    hasty = await source.connect(statement_timeout=0.5)
    await slow(database, hasty)
    with pytest.raises(OutcomeUnknown, match="may have happened"):
        await hasty.changed(SLOW_WRITE)
    await hasty.close()


async def test_a_slow_statement_in_the_pool_gives_its_place_back(
    database: Database, source: DataSource
) -> None:
    hasty = DataSource(settings_of(database), statement_timeout=0.3)
    await hasty.open()
    for _ in range(4):  # the pool has two places
        with pytest.raises((Unreachable, Refused, Retryable)):
            await hasty.rows(SLOW_READ)
    assert await hasty.rows(Statement("SELECT 1")) == [(1,)]
    await hasty.close()
