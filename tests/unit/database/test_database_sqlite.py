"""SQLite: one file, one lock for all who write."""

import sqlite3
from pathlib import Path

from micro_integrator.database import DIALECTS, translate
from micro_integrator.database.dialects.dialect import Limits


def test_a_statement_that_returns_rows_holds_no_lock_until_somebody_fetches_them(tmp_path: Path) -> None:
    file, dialect = tmp_path / "cluster.db", DIALECTS["sqlite"]
    arguments = dialect.connect_arguments(translate(f"jdbc:sqlite:{file}"), Limits(1.0, 1.0))
    driver = sqlite3.connect(file, isolation_level=None, **arguments)
    dialect.prepare_session(driver)
    driver.execute("CREATE TABLE lease (epoch INTEGER)")
    driver.execute("INSERT INTO lease VALUES (1), (2)")

    cursor = driver.cursor()
    cursor.execute("UPDATE lease SET epoch = epoch + 10 RETURNING epoch")
    other = sqlite3.connect(file, isolation_level=None, timeout=0)
    other.execute("UPDATE lease SET epoch = 0")

    assert cursor.fetchall() == [(11,), (12,)]
    assert cursor.fetchall() == []
    for connection in (driver, other):
        connection.close()
