"""A SQLite file that can be kept from everybody, as a server can be stopped."""

import sqlite3
from pathlib import Path

from servers.server import Database


class SQLiteFile:
    """Speaks of a file in the words of a server: while it is stopped, somebody else holds the file's lock."""

    kind = "sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path
        self._holder: sqlite3.Connection | None = None

    def create_database(self) -> Database:
        """Return the database; its tables do not exist yet."""
        return Database(self.kind, f"jdbc:sqlite:{self.path}", "", "")

    def drop_database(self, database: Database) -> None:
        """The file goes with its folder."""

    def try_to_connect(self) -> bool:
        """True when others may write."""
        return self._holder is None

    def stop(self) -> None:
        """Take the lock, and with it everybody's right to write."""
        holder = sqlite3.connect(self.path, isolation_level=None, timeout=40)
        holder.execute("BEGIN EXCLUSIVE")
        self._holder = holder

    def start(self) -> None:
        """Give the lock back."""
        if self._holder is not None:
            self._holder.close()
            self._holder = None
