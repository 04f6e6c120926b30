"""From a JDBC URL, as WSO2 users have it in their files, to what a Python driver needs to know.

`translate` is the way in; `jdbc_parameters` explains the names of URL parameters. Nothing is opened here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from micro_integrator.database.jdbc_parameters import apply_parameters, split_parameters
from micro_integrator.database.target import Host, JdbcUrlError, Target, masked
from micro_integrator.kit import did_you_mean

_DRIVER_CLASSES = {
    "com.mysql.jdbc.Driver": "mysql",
    "com.mysql.cj.jdbc.Driver": "mysql",
    "org.mariadb.jdbc.Driver": "mysql",
    "org.postgresql.Driver": "postgresql",
    "com.microsoft.sqlserver.jdbc.SQLServerDriver": "mssql",
    "oracle.jdbc.OracleDriver": "oracle",
    "oracle.jdbc.driver.OracleDriver": "oracle",
    "com.ibm.db2.jcc.DB2Driver": "db2",
    "org.h2.Driver": "sqlite",
    "org.hsqldb.jdbc.JDBCDriver": "sqlite",
    "org.apache.derby.jdbc.EmbeddedDriver": "sqlite",
    "org.sqlite.JDBC": "sqlite",
    "asyncpg": "postgresql",
    "aiomysql": "mysql",
    "aiosqlite": "sqlite",
}
_NATIVE_DIALECTS = {
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "mssql": "mssql",
    "oracle": "oracle",
    "db2": "db2",
    "ibm_db_sa": "db2",
}
_DEFAULT_PORTS = {"postgresql": 5432, "mysql": 3306, "mssql": 1433, "oracle": 1521, "db2": 50000}
_NATIVE = re.compile(r"(?P<dialect>\w+)\+\w+://")
_HOST = re.compile(r"(?:\[(?P<v6>[0-9A-Fa-f:.%\w]+)\]|(?P<name>[^:\[\]\s]*))(?::(?P<port>\d+))?")


def translate(
    url: str,
    *,
    username: str = "",
    password: str = "",
    driver: str = "",
    home: Path = Path(),
    properties: Mapping[str, str] | None = None,
) -> Target:
    """Return what `url` points to. `username` and `password` win over credentials inside the URL.

    `driver` (a Java class or a Python package) is only a hint; `properties` count as further URL parameters;
    relative paths of file databases start at `home`. Raises JdbcUrlError; its text never shows a password.
    """
    text = url.strip().replace("&amp;", "&")
    if native := _NATIVE.match(text):
        target = _native(text, native["dialect"])
    elif text.startswith("jdbc:"):
        target = _from_jdbc(text, home, dict(properties or {}))
    else:
        raise JdbcUrlError(
            f"'{masked(text)}' is not a database URL; expected jdbc:postgresql://HOST:PORT/DATABASE "
            "or a native URL such as postgresql+asyncpg://HOST/DATABASE"
        )
    target = _with_driver_hint(target, driver, text)
    return replace(target, username=username or target.username, password=password or target.password)


def _from_jdbc(text: str, home: Path, properties: dict[str, str]) -> Target:
    kind, _, rest = text.removeprefix("jdbc:").partition(":")
    reader = _READERS.get(kind.lower())
    if reader is None:
        raise JdbcUrlError(f"'jdbc:{kind}:' is no database we know{did_you_mean(kind, _READERS)}")
    return reader(rest, home, properties)


def _native(text: str, scheme: str) -> Target:
    dialect = _NATIVE_DIALECTS.get(scheme)
    if dialect is None:
        raise JdbcUrlError(f"'{scheme}' is no database we know{did_you_mean(scheme, _NATIVE_DIALECTS)}")
    return Target(dialect, native=text)


def _with_driver_hint(target: Target, driver: str, text: str) -> Target:
    expected = _DRIVER_CLASSES.get(driver)
    if not driver or expected == target.dialect:
        return target
    if expected is None:
        return target.warn(f"driver '{driver}' is not known{did_you_mean(driver, _DRIVER_CLASSES)}; ignored")
    raise JdbcUrlError(
        f"driver '{driver}' does not fit the URL '{masked(text)}'; leave 'driver' out or correct one of them"
    )


def _server(dialect: str) -> Callable[[str, Path, dict[str, str]], Target]:
    """Return the reader of `//host:port/database?a=b&c=d`, the form of PostgreSQL, MySQL and MariaDB."""

    def read(rest: str, home: Path, properties: dict[str, str]) -> Target:
        address, _, query = rest.partition("?")
        if address.startswith("//"):
            authority, _, database = address[2:].partition("/")
        else:
            authority, database = "", address
        credentials, _, hosts = authority.rpartition("@")
        username, _, password = credentials.partition(":")
        target = Target(
            dialect,
            hosts=_hosts(hosts, dialect),
            database=unquote(database),
            username=unquote(username),
            password=unquote(password),
        )
        if dialect == "mysql" and len(target.hosts) > 1:
            raise JdbcUrlError(
                "several hosts in a MySQL or MariaDB URL are not supported; name one host or a proxy"
            )
        return apply_parameters(target, split_parameters(query, "&") | properties)

    return read


def _hosts(text: str, dialect: str) -> tuple[Host, ...]:
    return tuple(_host(part.strip(), dialect) for part in text.split(","))


def _host(text: str, dialect: str) -> Host:
    found = _HOST.fullmatch(text)
    port = int((found and found["port"]) or _DEFAULT_PORTS[dialect])
    if found is None or not 0 < port < 65536:
        raise JdbcUrlError(f"'{text}' is not HOST or HOST:PORT (an IPv6 address stands in brackets)")
    return Host(found["v6"] or found["name"] or "localhost", port)


def _sqlserver(rest: str, home: Path, properties: dict[str, str]) -> Target:
    address, _, tail = rest.removeprefix("//").partition(";")
    server, _, port = address.rpartition(":") if re.search(r":\d+$", address) else (address, "", "")
    name, _, instance = server.partition("\\")
    parameters = split_parameters(tail, ";") | properties
    instance = parameters.pop("instanceName", instance)
    host = _host(f"{name}:{port}" if port else name, "mssql")
    if instance:
        host = replace(host, name=f"{host.name}\\{instance}")
    return apply_parameters(Target("mssql", hosts=(host,)), parameters)


def _oracle(rest: str, home: Path, properties: dict[str, str]) -> Target:
    kind, _, rest = rest.partition(":")
    if kind != "thin":
        raise JdbcUrlError(
            f"'jdbc:oracle:{kind}:' is not supported; use jdbc:oracle:thin:@//HOST:PORT/SERVICE"
        )
    credentials, _, address = rest.partition("@")
    username, _, password = credentials.partition("/")
    target = Target("oracle", username=username, password=password)
    if address.startswith("("):
        return replace(target, descriptor=address)
    found = re.fullmatch(
        r"(?://)?(?P<host>\[[^\]]+\](?::\d+)?|[^:/]+(?::\d+)?)(?P<mark>[:/])(?P<name>[^:/]+)", address
    )
    if found is None:
        alias = address.removeprefix("//")
        if not re.fullmatch(r"[\w.$#-]+", alias):
            raise JdbcUrlError(
                "an Oracle URL reads jdbc:oracle:thin:@//HOST:PORT/SERVICE, @HOST:PORT:SID or @ALIAS"
            )
        return replace(target, descriptor=alias)
    target = replace(target, hosts=(_host(found["host"], "oracle"),))
    if found["mark"] == ":":
        return replace(target, database=found["name"])
    return replace(target, query=(("service_name", found["name"]),))


def _db2(rest: str, home: Path, properties: dict[str, str]) -> Target:
    authority, _, tail = rest.removeprefix("//").partition("/")
    database, _, settings = tail.partition(":")
    target = Target("db2", hosts=(_host(authority, "db2"),), database=unquote(database))
    return apply_parameters(target, split_parameters(settings, ";") | properties)


def _sqlite(rest: str, home: Path, properties: dict[str, str]) -> Target:
    path, _, query = rest.removeprefix("file:").partition("?")
    target = _memory("memory") if path in ("", ":memory:") else _file(path, home)
    return apply_parameters(target, split_parameters(query, "&") | properties)


def _embedded(kind: str) -> Callable[[str, Path, dict[str, str]], Target]:
    """Return the reader for a Java file database, which becomes an SQLite file beside the place it names."""

    def read(rest: str, home: Path, properties: dict[str, str]) -> Target:
        path = rest.split(";")[0]
        scheme, separator, name = path.partition(":")
        if scheme in ("tcp", "ssl", "hsql", "hsqls", "http", "https", "zip", "jar", "res") or path.startswith(
            "//"
        ):
            raise JdbcUrlError(
                f"a {kind} database on a server or inside an archive cannot be used; name a file"
            )
        if separator and scheme in ("mem", "memory"):
            target = _memory(name or "memory")
        else:
            path = name if separator and scheme in ("file", "nio", "directory") else path
            target = _file(f"{path}.sqlite", home)
        return target.warn(f"embedded database mapped to SQLite: {target.place}")

    return read


def _file(path: str, home: Path) -> Target:
    return Target("sqlite", database=str(home / Path(unquote(path)).expanduser()))


def _memory(name: str) -> Target:
    return Target(
        "sqlite", database=f"file:{name}", query=(("mode", "memory"), ("cache", "shared"), ("uri", "true"))
    )


_READERS: dict[str, Callable[[str, Path, dict[str, str]], Target]] = {
    "postgresql": _server("postgresql"),
    "mysql": _server("mysql"),
    "mariadb": _server("mysql"),
    "sqlserver": _sqlserver,
    "oracle": _oracle,
    "db2": _db2,
    "sqlite": _sqlite,
    "h2": _embedded("H2"),
    "hsqldb": _embedded("HSQLDB"),
    "derby": _embedded("Derby"),
}
