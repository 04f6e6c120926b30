"""What a database URL points to, in words of our own; a JDBC URL and a native one end up here."""

import re
from dataclasses import dataclass, field, replace
from typing import Literal, Self
from urllib.parse import quote, quote_plus

from micro_integrator.kit import MicroIntegratorError

TlsMode = Literal["disable", "prefer", "require", "verify-ca", "verify-full"]

DRIVERS = {
    "postgresql": "postgresql+asyncpg",
    "mysql": "mysql+aiomysql",
    "sqlite": "sqlite+aiosqlite",
    "mssql": "mssql+aioodbc",
    "oracle": "oracle+oracledb_async",
    "db2": "ibm_db_sa",
}
"""SQLAlchemy's name of the driver for each dialect."""


# also sslpassword, trustCertificateKeyStorePassword and their like; in braces a value may hold what ends others
_PARAMETER = re.compile(r"(?i)((?:^|[?&;])\s*[\w.-]*(?:password|pwd)\s*=)(?:\s*\{[^}]*\}|[^&;]*)")
_IN_BRACKETS = re.compile(r"(?i)(\(\s*[\w.-]*(?:password|pwd)\s*=)[^)]*")


class JdbcUrlError(MicroIntegratorError):
    """A database URL, its parameters or its driver cannot be used; the text says what to write instead."""


@dataclass(frozen=True)
class Host:
    """One server: its name or address (IPv6 without brackets) and port."""

    name: str
    port: int

    def __str__(self) -> str:
        name = f"[{self.name}]" if ":" in self.name else self.name
        return f"{name}:{self.port}"


@dataclass(frozen=True)
class Tls:
    """How to encrypt: `prefer` falls back to plain text, `require` encrypts without knowing the peer."""

    mode: TlsMode
    root_certificate: str = ""
    certificate: str = ""
    key: str = ""


@dataclass(frozen=True)
class Target:
    """A database and how to talk to it; times in seconds, None = not given.

    `database` is the path for SQLite. `descriptor` is Oracle's own address text, `query` holds parameters
    that are handed to the driver as they are, `native` a native URL that replaces all of them.
    """

    dialect: str
    hosts: tuple[Host, ...] = ()
    database: str = ""
    username: str = ""
    password: str = field(default="", repr=False)
    tls: Tls | None = None
    connect_timeout: float | None = None
    socket_timeout: float | None = None
    search_path: str = ""
    application_name: str = ""
    session_attributes: str = ""
    session_variables: str = ""
    prepares_statements: bool = True
    descriptor: str = ""
    query: tuple[tuple[str, str], ...] = ()
    native: str = field(default="", repr=False)
    warnings: tuple[str, ...] = ()

    def warn(self, text: str) -> Self:
        """Return the same target with one more sentence for the operator."""
        return replace(self, warnings=(*self.warnings, text))

    @property
    def place(self) -> str:
        """Where the database is, for messages: `db.example:5432/clusterdb` or a path."""
        if self.native:
            return self.native.partition("://")[2].rpartition("@")[2].partition("?")[0]
        if self.dialect == "sqlite":
            return self.database
        return self.descriptor or f"{','.join(map(str, self.hosts))}/{self._database_name}"

    @property
    def url(self) -> str:
        """The native URL with the password as `*****`, for logs and for people."""
        if self.native:
            return masked(self.native)
        login = quote(self.username) + (":*****" if self.password else "")
        query = "&".join(f"{name}={quote_plus(value)}" for name, value in self.query)
        address = "" if self.dialect == "sqlite" else self.descriptor or ",".join(map(str, self.hosts))
        return (
            f"{DRIVERS[self.dialect]}://{login}{login and '@'}{address}"
            f"{'' if self.descriptor else '/' + self.database}{query and '?'}{query}"
        )

    @property
    def _database_name(self) -> str:
        return self.database or dict(self.query).get("service_name", "")


def masked(url: str) -> str:
    """Return `url` as it may be logged: passwords replaced by `*****`."""
    hidden = _PARAMETER.sub(r"\1*****", url)
    hidden = _IN_BRACKETS.sub(r"\1*****", hidden)
    hidden = re.sub(r"(//[^/@:]*):.*@", r"\1:*****@", hidden)
    return re.sub(r"(thin:[^/@]+)/[^@]*@", r"\1/*****@", hidden)
