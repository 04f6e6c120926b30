"""A private MariaDB server."""

import itertools
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pymysql

from servers.fetch import MARIADB, find
from servers.server import Database, PrivateServer

_USER = "mi"


class MariaDBServer(PrivateServer):
    """MariaDB with default limits; the user of the tests may do everything."""

    kind = "mariadb"
    death_signal = signal.SIGTERM

    def __init__(self, settings: Mapping[str, str] | None = None) -> None:
        super().__init__(find(MARIADB), settings)
        self._numbers = itertools.count(1)

    def prepare(self) -> None:
        users = (
            f"CREATE USER IF NOT EXISTS '{_USER}'@'%' IDENTIFIED BY '{self.password}';\n"
            f"GRANT ALL ON *.* TO '{_USER}'@'%' WITH GRANT OPTION;\n"
        )
        self.give("users.sql", users.encode())
        self.run(
            self.binaries.folder.parent / "bin" / "mariadb-install-db",
            "--no-defaults",
            f"--basedir={self._prefix}",
            f"--datadir={self.folder / 'data'}",
            "--auth-root-authentication-method=normal",
            "--skip-test-db",
            f"--tmpdir={self.folder}",  # servers that share a folder trip over each other's temporary tables
            "--innodb-log-file-size=48M",
        )

    def command(self) -> list[str]:
        languages = self._prefix / "share" / "mysql"
        located = []
        if self.binaries.root:
            located = [
                f"--basedir={self._prefix}",
                f"--lc-messages-dir={languages}",
                f"--character-sets-dir={languages / 'charsets'}",
                f"--plugin-dir={self.folder}",
            ]
        return [
            str(self.binaries.folder / "mariadbd"),
            "--no-defaults",
            *located,
            f"--datadir={self.folder / 'data'}",
            f"--tmpdir={self.folder}",
            f"--init-file={self.folder / 'users.sql'}",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            f"--socket={self.folder / 'socket'}",
            f"--pid-file={self.folder / 'pid'}",
            "--skip-name-resolve",
            "--innodb-flush-log-at-trx-commit=1",
            *(f"--{name}={value}" for name, value in self.settings.items()),
        ]

    @property
    def _prefix(self) -> Path:
        """Where `bin`, `sbin` and `share` are."""
        return self.binaries.folder.parent

    def try_to_connect(self) -> bool:
        try:
            self.execute("SELECT 1")
        except pymysql.MySQLError:
            return False
        return True

    def create_database(self) -> Database:
        name = f"test_{next(self._numbers)}"
        self.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        return Database(self.kind, f"jdbc:mariadb://127.0.0.1:{self.port}/{name}", _USER, self.password)

    def drop_database(self, database: Database) -> None:
        name = database.url.rpartition("/")[2]
        for [session] in self.execute("SELECT id FROM information_schema.processlist WHERE db = %s", name):
            self.kill_session(session)
        self.execute(f"DROP DATABASE IF EXISTS {name}")

    def kill_session(self, number: int) -> None:
        """End one session of the server by its connection id."""
        try:
            self.execute(f"KILL CONNECTION {number}")
        except pymysql.MySQLError as error:
            if error.args[0] != 1094:  # it has ended by itself
                raise

    def execute(self, statement: str, *values: object) -> list[Any]:
        """Run one statement as the user of the tests and return its rows."""
        connection = pymysql.connect(
            host="127.0.0.1",
            port=self.port,
            user=_USER,
            password=self.password,
            autocommit=True,
            connect_timeout=10,
        )
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall())
        finally:
            connection.close()
