"""A table with one row to work on."""

from micro_integrator.database import Connection, Statement

CREATE = Statement("CREATE TABLE THINGS (ID INT PRIMARY KEY, NUMBER INT)")
INSERT = Statement("INSERT INTO THINGS (ID, NUMBER) VALUES (1, 0)")
SET = Statement("UPDATE THINGS SET NUMBER = :number WHERE ID = 1")
_NUMBER = Statement("SELECT NUMBER FROM THINGS WHERE ID = 1")


async def number(connection: Connection) -> int:
    """Return what stands in the row."""
    [[found]] = await connection.rows(_NUMBER)
    assert isinstance(found, int)
    return found
