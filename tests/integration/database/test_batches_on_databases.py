"""Many rows with one statement: which were hit, which were not, and that rivals do not stop each other."""

import asyncio
import random
from collections import Counter

import pytest
from servers.server import Database

from micro_integrator.database import (
    BatchInsert,
    BatchUpdate,
    Connection,
    DataSource,
    LostRace,
    Retryable,
    Statement,
    retrying,
)

pytestmark = pytest.mark.usefixtures("tables")

SIGNAL = Statement("""
    INSERT INTO MI_CLUSTER_SIGNAL (GROUP_ID, SEQ, CHANGED_AT, FENCE_FLOOR, WIRE_KEY) VALUES (:g, 0, 0, :floor, 'k')
""")
INSERT = BatchInsert(
    table="MI_TASK_FENCE",
    columns=(("T", "name"), ("D", "ascii"), ("A", "bigint")),
    into=(
        ("GROUP_ID", ":g"),
        ("TASK_NAME", "v.T"),
        ("FENCE", "{greatest}({now_ms}, s.FENCE_FLOOR + 1)"),
        ("STATE", "'NONE'"),
        ("INTENT", "'RUN'"),
        ("INTENT_SEQ", "0"),
        ("INTENT_DONE", "0"),
        ("DEF_HASH", "v.D"),
        ("ANCHOR_AT", "v.A"),
    ),
    source="MI_CLUSTER_SIGNAL s",
    where="s.GROUP_ID = :g",
)
CLAIM = BatchUpdate(
    table="MI_TASK_FENCE",
    columns=(("T", "name"), ("D", "ascii"), ("K", "bigint"), ("A", "bigint")),
    join="f.GROUP_ID = :g AND f.TASK_NAME = v.T",
    set=(
        ("FIRED_COUNT", "f.FIRED_COUNT + CASE WHEN f.LAST_FIRE_KEY < v.K THEN 1 ELSE 0 END"),
        ("LAST_FIRE_KEY", "v.K"),
        ("LAST_FIRE_STATE", "'CLAIMED'"),
        ("ANCHOR_AT", "COALESCE(v.A, f.ANCHOR_AT)"),
        ("CLAIM_ID", ":c"),
    ),
    where="f.DEF_HASH = v.D AND (f.LAST_FIRE_KEY < v.K OR (f.LAST_FIRE_KEY = v.K AND f.CLAIM_ID = :c))",
    confirm="f.CLAIM_ID = :c AND f.LAST_FIRE_KEY = v.K",
)
COMPARE = BatchUpdate(
    table="MI_TASK_FENCE",
    columns=(("T", "name"), ("A", "bigint")),
    join="f.GROUP_ID = :g AND f.TASK_NAME = v.T",
    set=(("MOVE_TO", "'here'"),),
    where="f.ANCHOR_AT {same} v.A",
    confirm="f.MOVE_TO = 'here'",
)
READ = Statement("""
    SELECT TASK_NAME, FENCE, ANCHOR_AT, LAST_FIRE_KEY, FIRED_COUNT, CLAIM_ID FROM MI_TASK_FENCE
     WHERE GROUP_ID = :g ORDER BY TASK_NAME
""")
NAMES = ["orders", "Orders", "größe", "日本", "it's 100 %", "back\\slash", 'quo"te', "a{b}:c", "x" * 512]


async def inserted(connection: Connection, names: list[str], floor: int = 0) -> None:
    await connection.changed(SIGNAL, g="g", floor=floor)
    rows = [{"T": name, "D": "hash", "A": None} for name in names]
    assert await connection.insert_batch(INSERT, rows, g="g") == len(names)


def claims(names: list[str], key: int) -> list[dict[str, object]]:
    return [{"T": name, "D": "hash", "K": key, "A": None} for name in names]


async def test_names_of_any_kind_survive_insert_and_claim(connection: Connection) -> None:
    await inserted(connection, NAMES)
    assert await connection.update_batch(CLAIM, claims(NAMES, 0), g="g", c="c1") == set(NAMES)
    rows = await connection.rows(READ, g="g")
    assert {row.task_name for row in rows} == set(NAMES)
    assert {(row.last_fire_key, row.fired_count, row.claim_id) for row in rows} == {(0, 1, "c1")}


async def test_only_the_rows_that_were_hit_are_returned(connection: Connection) -> None:
    await inserted(connection, ["a", "b", "c"])
    wanted = claims(["a", "b", "c", "absent"], 0)
    wanted[1]["D"] = "another definition"
    assert await connection.update_batch(CLAIM, wanted, g="g", c="c1") == {"a", "c"}
    assert await connection.update_batch(CLAIM, claims(["b"], -5), g="g", c="c2") == set()


async def test_the_same_claim_sent_again_hits_again_and_counts_once(connection: Connection) -> None:
    await inserted(connection, ["a"])
    for _ in range(3):
        assert await connection.update_batch(CLAIM, claims(["a"], 0), g="g", c="c1") == {"a"}
    assert await connection.update_batch(CLAIM, claims(["a"], 0), g="g", c="c2") == set()
    [row] = await connection.rows(READ, g="g")
    assert (row.fired_count, row.claim_id) == (1, "c1")


async def test_missing_values_differ_from_zero(connection: Connection) -> None:
    await inserted(connection, ["a", "b"])
    rows = claims(["a", "b"], 0)
    rows[0]["A"] = 2**53 + 1
    await connection.update_batch(CLAIM, rows, g="g", c="c1")
    assert [row.anchor_at for row in await connection.rows(READ, g="g")] == [2**53 + 1, None]
    compared = [{"T": "a", "A": None}, {"T": "b", "A": None}]
    assert await connection.update_batch(COMPARE, compared, g="g") == {"b"}
    assert await connection.update_batch(COMPARE, [{"T": "a", "A": 2**53 + 1}], g="g") == {"a"}


async def test_an_inserted_fence_is_above_the_clock_and_above_the_floor(connection: Connection) -> None:
    await inserted(connection, ["a"], floor=2**60)
    [row] = await connection.rows(READ, g="g")
    assert row.fence == 2**60 + 1


async def test_inserting_an_existing_row_never_makes_a_second_one(
    database: Database, connection: Connection
) -> None:
    await inserted(connection, ["a"])
    again = [{"T": name, "D": "other", "A": None} for name in ("a", "b")]
    if database.kind == "mariadb":
        with pytest.raises(LostRace):
            await connection.insert_batch(INSERT, again, g="g")
        assert [row.task_name for row in await connection.rows(READ, g="g")] == ["a"]
    else:
        assert await connection.insert_batch(INSERT, again, g="g") == 1
        assert [row.task_name for row in await connection.rows(READ, g="g")] == ["a", "b"]


async def test_five_hundred_rows_go_with_one_statement(source: DataSource, connection: Connection) -> None:
    names = [f"task-{number}" for number in range(500)]
    random.shuffle(names)
    await inserted(connection, names)
    assert await source.update_batch(CLAIM, claims(names, 0), g="g", c="c") == set(names)
    with pytest.raises(ValueError, match="at most 500"):
        await source.update_batch(CLAIM, claims([*names, "one-more"], 1), g="g", c="c")


async def test_rivals_claim_each_occurrence_once(source: DataSource, connection: Connection) -> None:
    names = [f"task-{number}" for number in range(100)]
    await inserted(connection, names)
    won: Counter[tuple[str, int]] = Counter()

    async def rival(me: int) -> None:
        own = await source.connect()
        for key in range(10):
            mine = random.sample(names, len(names))
            claim = f"rival-{me}-{key}"
            hit = await retrying(lambda: own.update_batch(CLAIM, claims(mine, key), g="g", c=claim))  # noqa: B023
            won.update((name, key) for name in hit)
        await own.close()

    await asyncio.gather(*(rival(me) for me in range(3)))
    assert set(won.values()) == {1}
    assert all(row.fired_count <= 10 for row in await connection.rows(READ, g="g"))


async def test_rows_locked_by_a_foreign_session_are_reported_within_a_second_or_so(
    database: Database, source: DataSource, connection: Connection
) -> None:
    await inserted(connection, ["a"])
    blocker = await source.connect()
    begin = Statement("BEGIN", sqlite="BEGIN IMMEDIATE")
    await blocker.changed(begin)
    await blocker.changed(Statement("UPDATE MI_TASK_FENCE SET MOVE_TO = 'x' WHERE TASK_NAME = 'a'"))
    with pytest.raises(Retryable):
        await connection.update_batch(CLAIM, claims(["a"], 0), g="g", c="c")
    await blocker.changed(Statement("ROLLBACK"))
    assert await connection.update_batch(CLAIM, claims(["a"], 0), g="g", c="c") == {"a"}
    await blocker.close()
