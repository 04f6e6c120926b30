"""How much is asked of a database server, as the server itself counts it."""

from servers.postgresql import PostgreSQLServer
from servers.server import Database

from harness.sessions import Server

_POSTGRESQL = "SELECT xact_commit + xact_rollback FROM pg_stat_database WHERE datname = $1"
_MARIADB = "SHOW GLOBAL STATUS LIKE 'Questions'"


def statements(server: Server, database: Database) -> int:
    """Return the statements answered so far; nodes send each as a transaction of its own.

    PostgreSQL counts those on `database`, up to a second late; MariaDB all on the server, this question included.
    """
    if isinstance(server, PostgreSQLServer):
        [[count]] = server.execute(_POSTGRESQL, database.url.rpartition("/")[2])
    else:
        [[_, count]] = server.execute(_MARIADB)
    return int(count)
