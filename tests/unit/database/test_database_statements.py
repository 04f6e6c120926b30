"""Statements and batches as the drivers get them."""

import pytest

from micro_integrator.database import DIALECTS, MAX_ROWS, BatchUpdate, Statement
from micro_integrator.database.batch import sorted_rows

BATCH = BatchUpdate(
    table="THINGS",
    columns=(("T", "name"), ("K", "bigint"), ("C", "ascii")),
    set=(("AMOUNT", "v.K"), ("SEEN_AT", "{now_ms}")),
    join="f.GROUP_ID = :g AND f.TASK_NAME = v.T",
    where="f.AMOUNT < v.K AND f.CLAIM {same} v.C",
    confirm="f.AMOUNT = v.K",
)


@pytest.mark.parametrize(
    ("dialect", "sql"),
    [
        ("postgresql", "SELECT $1, 'a:b %', CAST($2 AS INT), x::text WHERE y IS NOT DISTINCT FROM $3"),
        ("mysql", "SELECT %s, 'a:b %%', CAST(%s AS INT), x::text WHERE y <=> %s"),
        ("sqlite", "SELECT ?, 'a:b %', CAST(? AS INT), x::text WHERE y IS ?"),
    ],
)
def test_binds_and_accents_are_pronounced_by_the_dialect(dialect: str, sql: str) -> None:
    statement = Statement("SELECT :one, 'a:b %', CAST(:two AS INT), x::text WHERE y {same} :one")
    rendered = DIALECTS[dialect].rendered(statement)
    assert rendered.sql == sql
    assert rendered.binds == ("one", "two", "one")


def test_a_text_given_for_one_dialect_is_used_there_only() -> None:
    statement = Statement("SELECT 1", mysql="SELECT 2")
    assert [DIALECTS[name].rendered(statement).sql for name in ("mysql", "sqlite")] == [
        "SELECT 2",
        "SELECT 1",
    ]


def test_a_statement_is_rendered_once() -> None:
    statement = Statement("SELECT {now_ms}")
    assert DIALECTS["sqlite"].rendered(statement) is DIALECTS["sqlite"].rendered(statement)


def test_an_unknown_accent_is_an_error_of_the_programmer() -> None:
    with pytest.raises(KeyError):
        DIALECTS["sqlite"].rendered(Statement("SELECT {now}"))


@pytest.mark.parametrize(
    ("text", "writes"),
    [
        ("SELECT 1", False),
        ("WITH a AS (UPDATE t SET x = 1 RETURNING 1) SELECT 1 FROM a", True),
        ("insert into t values (1)", True),
        ("SELECT UPDATED_AT FROM t", False),
    ],
)
def test_it_is_known_whether_a_lost_answer_may_hide_a_write(text: str, writes: bool) -> None:
    assert DIALECTS["postgresql"].rendered(Statement(text)).writes is writes


def test_an_update_batch_takes_the_shape_each_database_is_fast_with() -> None:
    texts = {name: dialect.rendered_batch(BATCH).sql for name, dialect in DIALECTS.items()}
    assert (
        "FROM unnest(CAST($1 AS TEXT[]), CAST($2 AS BIGINT[]), CAST($3 AS TEXT[])) AS v(T, K, C)"
        in texts["postgresql"]
    )
    assert "f.TASK_NAME = ANY(" in texts["postgresql"]
    assert "FROM json_each(?) LIMIT -1) AS v" in texts["sqlite"]
    assert texts["mysql"].startswith(
        "UPDATE JSON_TABLE(%s, '$[*]' COLUMNS (T VARCHAR(512) CHARACTER SET utf8mb4"
    )
    assert "STRAIGHT_JOIN THINGS f ON f.GROUP_ID" in texts["mysql"]


def test_only_mysql_needs_a_question_which_rows_it_has_hit() -> None:
    asked = {name: dialect.rendered_confirmation(BATCH) for name, dialect in DIALECTS.items()}
    assert asked["postgresql"] is asked["sqlite"] is None
    assert asked["mysql"] is not None
    assert asked["mysql"].sql.endswith("WHERE f.AMOUNT = v.K")


def test_missing_values_are_left_out_of_json() -> None:
    rows = [{"T": "é", "K": 1, "C": None}, {"T": "b", "K": 2, "C": "x"}]
    [text] = DIALECTS["mysql"].batch_values(BATCH, rows).values()
    assert text == '[{"T":"é","K":1},{"T":"b","K":2,"C":"x"}]'


def test_rows_are_sent_in_the_order_of_their_names() -> None:
    assert [row["T"] for row in sorted_rows(BATCH, [{"T": "b"}, {"T": "a"}])] == ["a", "b"]


def test_a_batch_has_an_upper_limit() -> None:
    with pytest.raises(ValueError, match="at most 500"):
        sorted_rows(BATCH, [{"T": str(number)} for number in range(MAX_ROWS + 1)])
