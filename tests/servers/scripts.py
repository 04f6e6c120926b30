"""The scripts that make the tables, run as an operator would run them."""

from pathlib import Path

from micro_integrator.database import Connection, Statement

CHECKOUT = Path(__file__).parents[2]
_BEGINNINGS = {
    "sqlite": "dbscripts/sqlite/sqlite",
    "postgresql": "dbscripts/postgres/postgresql",
    "mariadb": "dbscripts/mysql/mysql",
}


def script_for(kind: str, name: str = "cluster") -> str:
    """Return the path in the checkout of the script `name` for databases of `kind`."""
    return f"{_BEGINNINGS[kind]}_{name}.sql"


async def run_script(connection: Connection, script: str) -> None:
    """Run each statement of `script`."""
    for statement in (CHECKOUT / script).read_text().split(";\n"):
        if statement.strip():
            await connection.changed(Statement(statement))
