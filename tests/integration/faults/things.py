"""A table with one row to work on, and what fixtures make."""

from collections.abc import Callable
from pathlib import Path

from harness import Server, WallClock
from servers.server import PrivateServer

from micro_integrator.database import Connection, Statement

CREATE = Statement("CREATE TABLE THINGS (ID INT PRIMARY KEY, NUMBER INT)")
INSERT = Statement("INSERT INTO THINGS (ID, NUMBER) VALUES (1, 0)")
SET = Statement("UPDATE THINGS SET NUMBER = :number WHERE ID = 1")
_NUMBER = Statement("SELECT NUMBER FROM THINGS WHERE ID = 1")

MakeServer = Callable[[str], Server]
MakeClock = Callable[[Path | PrivateServer], WallClock]


async def number(connection: Connection) -> int:
    """Return what stands in the row."""
    [[found]] = await connection.rows(_NUMBER)
    assert isinstance(found, int)
    return found
