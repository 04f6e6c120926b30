"""A private PostgreSQL server."""

import asyncio
import itertools
import signal
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg

from servers.fetch import POSTGRESQL, find
from servers.server import Database, PrivateServer

_USER = "postgres"


class PostgreSQLServer(PrivateServer):
    """PostgreSQL with default limits; statistics of statements are counted."""

    kind = "postgresql"
    death_signal = signal.SIGINT

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(find(POSTGRESQL), settings)
        self._numbers = itertools.count(1)

    def prepare(self) -> None:
        secret = self.give("password", self.password.encode())
        self.run(
            self.binaries.folder / "initdb",
            "--pgdata", self.folder / "data",
            "--username", _USER,
            "--pwfile", secret,
            "--auth", "scram-sha-256",
            "--encoding", "UTF8",
            "--locale", "C",
        )  # fmt: skip

    def command(self) -> list[str]:
        settings = {
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "on",
            "shared_preload_libraries": "pg_stat_statements",
            "log_timezone": "GMT",
            "timezone": "GMT",
            **self.settings,
        }
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [str(self.binaries.folder / "postgres"), "-D", str(self.folder / "data"), *flags]

    def try_to_connect(self) -> bool:
        try:
            self.execute("SELECT 1")
        except (OSError, asyncpg.PostgresError):
            return False
        return True

    def create_database(self) -> Database:
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name}")
        return Database(self.kind, f"jdbc:postgresql://127.0.0.1:{self.port}/{name}", _USER, self.password)

    def drop_database(self, database: Database) -> None:
        self.execute(f"DROP DATABASE IF EXISTS {database.url.rpartition('/')[2]} WITH (FORCE)")

    def kill_session(self, pid: int) -> None:
        """End one session of the server by the process id of its back end."""
        self.execute("SELECT pg_terminate_backend($1)", pid)

    def execute(self, statement: str, *values: object, database: str = "postgres") -> list[Any]:
        """Run one statement as the superuser and return its rows; works inside a running loop too."""

        async def work() -> list[Any]:
            connection = await asyncpg.connect(
                host="127.0.0.1",
                port=self.port,
                user=_USER,
                password=self.password,
                database=database,
                timeout=10,
            )
            try:
                return list(await connection.fetch(statement, *values))
            finally:
                await connection.close()

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, work()).result()
