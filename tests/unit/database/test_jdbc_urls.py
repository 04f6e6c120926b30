"""JDBC URLs as users have them in their files: what they become, and what is said about bad ones."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from micro_integrator.database import JdbcUrlError, masked, translate
from micro_integrator.database.target import Host, Tls

HOME = Path("/home/mi")

GOLDEN = [
    # PostgreSQL
    ("jdbc:postgresql://db.example:5433/clusterdb", "postgresql+asyncpg://db.example:5433/clusterdb"),
    ("jdbc:postgresql://db.example/clusterdb", "postgresql+asyncpg://db.example:5432/clusterdb"),
    ("jdbc:postgresql://localhost/", "postgresql+asyncpg://localhost:5432/"),
    ("jdbc:postgresql:clusterdb", "postgresql+asyncpg://localhost:5432/clusterdb"),
    ("jdbc:postgresql://[2001:db8::1]:5433/db", "postgresql+asyncpg://[2001:db8::1]:5433/db"),
    ("jdbc:postgresql://[::1]/db", "postgresql+asyncpg://[::1]:5432/db"),
    ("jdbc:postgresql://a:1,b,[::1]:3/db", "postgresql+asyncpg://a:1,b:5432,[::1]:3/db"),
    ("jdbc:postgresql://h/db?user=u&password=p%3Aw", "postgresql+asyncpg://u:*****@h:5432/db"),
    ("jdbc:postgresql://u:p@h/db", "postgresql+asyncpg://u:*****@h:5432/db"),
    # MySQL and MariaDB
    ("jdbc:mysql://db:3307/clusterdb?useSSL=false&amp;autoReconnect=true", "mysql+aiomysql://db:3307/clusterdb"),
    ("jdbc:mariadb://db/clusterdb", "mysql+aiomysql://db:3306/clusterdb"),
    ("jdbc:mysql://[fe80::1]/db", "mysql+aiomysql://[fe80::1]:3306/db"),
    ("jdbc:mysql://u@db/clusterdb", "mysql+aiomysql://u@db:3306/clusterdb"),
    # SQL Server
    ("jdbc:sqlserver://db:1444;databaseName=clusterdb", "mssql+aioodbc://db:1444/clusterdb"),
    ("jdbc:sqlserver://db;database=c;encrypt=true", "mssql+aioodbc://db:1433/c?Encrypt=yes"),
    ("jdbc:sqlserver://db\\prod:1444;databaseName=c", "mssql+aioodbc://db\\prod:1444/c"),
    ("jdbc:sqlserver://db;instanceName=prod;databaseName=c", "mssql+aioodbc://db\\prod:1433/c"),
    ("jdbc:sqlserver://db;databaseName={a;b};trustServerCertificate=false", "mssql+aioodbc://db:1433/a;b?TrustServerCertificate=no"),
    ("jdbc:sqlserver://db;databaseName=c;SendStringParametersAsUnicode=false", "mssql+aioodbc://db:1433/c"),
    # Oracle
    ("jdbc:oracle:thin:@db:1522:ORCL", "oracle+oracledb_async://db:1522/ORCL"),
    ("jdbc:oracle:thin:@db:1522/orders", "oracle+oracledb_async://db:1522/?service_name=orders"),
    ("jdbc:oracle:thin:@//db:1522/orders", "oracle+oracledb_async://db:1522/?service_name=orders"),
    ("jdbc:oracle:thin:@//[::1]:1522/orders", "oracle+oracledb_async://[::1]:1522/?service_name=orders"),
    ("jdbc:oracle:thin:u/p@//db/orders", "oracle+oracledb_async://u:*****@db:1521/?service_name=orders"),
    ("jdbc:oracle:thin:@ORDERS_TNS", "oracle+oracledb_async://ORDERS_TNS"),
    ("jdbc:oracle:thin:@(DESCRIPTION=(ADDRESS=(HOST=a)(PORT=1)))", "oracle+oracledb_async://(DESCRIPTION=(ADDRESS=(HOST=a)(PORT=1)))"),
    # DB2
    ("jdbc:db2://db:50001/clusterdb", "ibm_db_sa://db:50001/clusterdb"),
    ("jdbc:db2://db:50001/clusterdb:currentSchema=MI;loginTimeout=5;", "ibm_db_sa://db:50001/clusterdb"),
    # files
    ("jdbc:sqlite:/var/lib/mi/cluster.db", "sqlite+aiosqlite:////var/lib/mi/cluster.db"),
    ("jdbc:sqlite:cluster.db", "sqlite+aiosqlite:////home/mi/cluster.db"),
    ("jdbc:sqlite:file:cluster.db?journal_mode=WAL", "sqlite+aiosqlite:////home/mi/cluster.db"),
    ("jdbc:sqlite::memory:", "sqlite+aiosqlite:///file:memory?mode=memory&cache=shared&uri=true"),
    ("jdbc:h2:./repository/database/DB;AUTO_SERVER=TRUE", "sqlite+aiosqlite:////home/mi/repository/database/DB.sqlite"),
    ("jdbc:h2:file:/data/DB", "sqlite+aiosqlite:////data/DB.sqlite"),
    ("jdbc:h2:mem:test;DB_CLOSE_DELAY=-1", "sqlite+aiosqlite:///file:test?mode=memory&cache=shared&uri=true"),
    ("jdbc:hsqldb:file:data/hs;shutdown=true", "sqlite+aiosqlite:////home/mi/data/hs.sqlite"),
    ("jdbc:hsqldb:mem:hs", "sqlite+aiosqlite:///file:hs?mode=memory&cache=shared&uri=true"),
    ("jdbc:derby:data/derby;create=true", "sqlite+aiosqlite:////home/mi/data/derby.sqlite"),
    ("jdbc:derby:memory:d;create=true", "sqlite+aiosqlite:///file:d?mode=memory&cache=shared&uri=true"),
    # native
    ("postgresql+asyncpg://u:p@h:1/db?x=y", "postgresql+asyncpg://u:*****@h:1/db?x=y"),
    ("sqlite+aiosqlite:////tmp/x.db", "sqlite+aiosqlite:////tmp/x.db"),
]  # fmt: skip


@pytest.mark.parametrize(("jdbc", "native"), GOLDEN, ids=[jdbc for jdbc, _ in GOLDEN])
def test_each_form_is_translated(jdbc: str, native: str) -> None:
    assert translate(jdbc, home=HOME).url == native


@pytest.mark.parametrize(
    ("jdbc", "attribute", "value"),
    [
        ("jdbc:postgresql://h/d?connectTimeout=7", "connect_timeout", 7.0),
        ("jdbc:postgresql://h/d?socketTimeout=0", "socket_timeout", None),
        ("jdbc:postgresql://h/d?socketTimeout=20", "socket_timeout", 20.0),
        ("jdbc:mysql://h/d?connectTimeout=7000", "connect_timeout", 7.0),
        ("jdbc:mysql://h/d?socketTimeout=1500", "socket_timeout", 1.5),
        ("jdbc:postgresql://h/d?currentSchema=mi,public", "search_path", "mi,public"),
        ("jdbc:postgresql://h/d?ApplicationName=orders%20node", "application_name", "orders node"),
        ("jdbc:postgresql://a,b/d?targetServerType=primary", "session_attributes", "read-write"),
        ("jdbc:postgresql://h/d?prepareThreshold=0", "prepares_statements", False),
        ("jdbc:mysql://h/d?sessionVariables=wsrep_sync_wait=1", "session_variables", "wsrep_sync_wait=1"),
        ("jdbc:postgresql://h/d?ssl=true", "tls", Tls("verify-full")),
        ("jdbc:postgresql://h/d?ssl=false", "tls", Tls("disable")),
        ("jdbc:postgresql://h/d?sslmode=require&ssl=true", "tls", Tls("require")),
        ("jdbc:postgresql://h/d?ssl=true&sslmode=require", "tls", Tls("require")),
        ("jdbc:postgresql://h/d?sslmode=verify-ca&sslrootcert=/ca.pem", "tls", Tls("verify-ca", "/ca.pem")),
        ("jdbc:mysql://h/d?useSSL=true&requireSSL=true", "tls", Tls("require")),
        ("jdbc:mysql://h/d?useSSL=true&verifyServerCertificate=true", "tls", Tls("verify-ca")),
        ("jdbc:mysql://h/d?useSSL=true&verifyServerCertificate=false", "tls", Tls("require")),
        ("jdbc:mysql://h/d?sslMode=VERIFY_IDENTITY&amp;useUnicode=true", "tls", Tls("verify-full")),
        ("jdbc:mariadb://h/d?sslMode=verify-full&serverSslCert=/ca.pem", "tls", Tls("verify-full", "/ca.pem")),
        ("jdbc:db2://h:1/d:currentSchema=MI;", "search_path", "MI"),
    ],
)  # fmt: skip
def test_parameters_reach_the_driver_in_its_own_units(jdbc: str, attribute: str, value: object) -> None:
    target = translate(jdbc, home=HOME)
    assert getattr(target, attribute) == value
    assert target.warnings == ()


@pytest.mark.parametrize(
    ("jdbc", "warning"),
    [
        ("jdbc:postgresql://h/d?conectTimeout=3", "did you mean 'connecttimeout'?"),
        ("jdbc:mysql://h/d?frobnicate=1", "'frobnicate' is not known"),
        ("jdbc:mysql://h/d?sslMode=PREFERRED", "plain text"),
        ("jdbc:h2:./db", "embedded database mapped to SQLite: /home/mi/db.sqlite"),
    ],
)
def test_what_is_not_obeyed_is_one_warning(jdbc: str, warning: str) -> None:
    [said] = translate(jdbc, home=HOME).warnings
    assert warning in said


@pytest.mark.parametrize(
    ("jdbc", "reason"),
    [
        ("postgres://h/d", "expected jdbc:postgresql://"),
        ("jdbc:postgres://h/d", "did you mean 'postgresql'?"),
        ("jdbc:postgresql://h:port/d", "not HOST or HOST:PORT"),
        ("jdbc:postgresql://::1:5432/d", "IPv6 address stands in brackets"),
        ("jdbc:postgresql://h:99999/d", "not HOST or HOST:PORT"),
        ("jdbc:postgresql://h/d?connectTimeout=soon", "expected a number"),
        ("jdbc:postgresql://h/d?connectTimeout=-1", "expected a number"),
        ("jdbc:postgresql://h/d?socketTimeout=nan", "expected a number"),
        ("jdbc:postgresql://h/d?sslmode=maybe", "expected one of"),
        ("jdbc:postgresql://h/d?ssl=perhaps", "expected true or false"),
        ("jdbc:postgresql://h/d?sslrootcert=trust.jks", "PEM"),
        ("jdbc:mysql://a,b/d", "several hosts"),
        ("jdbc:oracle:oci:@x", "jdbc:oracle:thin"),
        ("jdbc:oracle:thin:@a b", "an Oracle URL reads"),
        ("jdbc:h2:tcp://h/db", "name a file"),
        ("jdbc:hsqldb:hsql://h/db", "name a file"),
        ("jdbc:derby://h/db", "name a file"),
        ("foxpro+x://h/db", "no database we know"),
        ("", "is not a database URL"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_with_the_reason(jdbc: str, reason: str) -> None:
    with pytest.raises(JdbcUrlError, match=r".*") as refused:
        translate(jdbc)
    assert reason in str(refused.value)


def test_configured_credentials_win_over_those_in_the_url() -> None:
    target = translate("jdbc:postgresql://u:p@h/d?user=v&password=q", username="mi", password="secret")
    assert (target.username, target.password) == ("mi", "secret")


def test_connection_properties_count_as_url_parameters() -> None:
    target = translate("jdbc:postgresql://h/d?connectTimeout=1", properties={"connectTimeout": "3"})
    assert target.connect_timeout == 3


@pytest.mark.parametrize("driver", ["org.postgresql.Driver", "asyncpg", ""])
def test_a_fitting_driver_says_nothing_new(driver: str) -> None:
    assert translate("jdbc:postgresql://h/d", driver=driver) == translate("jdbc:postgresql://h/d")


def test_a_driver_of_another_database_is_an_error() -> None:
    with pytest.raises(JdbcUrlError, match="does not fit"):
        translate("jdbc:postgresql://h/d", driver="com.mysql.cj.jdbc.Driver")


def test_the_mariadb_driver_fits_a_mysql_url() -> None:
    assert translate("jdbc:mysql://h/d", driver="org.mariadb.jdbc.Driver").warnings == ()


def test_an_unknown_driver_is_a_warning() -> None:
    [warning] = translate("jdbc:postgresql://h/d", driver="org.postgresql.Drivr").warnings
    assert "did you mean 'org.postgresql.Driver'?" in warning


NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=20).filter(
    lambda name: name[0] != "-"
)
PORTS = st.integers(1, 65535)
SECRETS = st.text("abcXYZ019!$*+-_~", min_size=8, max_size=20)


@given(hosts=st.lists(st.tuples(NAMES, PORTS), min_size=1, max_size=4), database=NAMES)
def test_hosts_and_database_survive_translation(hosts: list[tuple[str, int]], database: str) -> None:
    authority = ",".join(f"{name}:{port}" for name, port in hosts)
    target = translate(f"jdbc:postgresql://{authority}/{database}")
    assert target.hosts == tuple(Host(name, port) for name, port in hosts)
    assert target.database == database


@given(address=st.ip_addresses(v=6), port=PORTS)
def test_any_ipv6_address_in_brackets_is_understood(address: object, port: int) -> None:
    assert translate(f"jdbc:mysql://[{address}]:{port}/d").hosts == (Host(str(address), port),)


@given(secret=SECRETS)
def test_no_password_is_ever_shown(secret: str) -> None:
    urls = [
        f"jdbc:postgresql://u:{secret}@h/d",
        f"jdbc:mysql://h/d?user=u&password={secret}",
        f"jdbc:sqlserver://h;databaseName=d;password={secret}",
        f"jdbc:oracle:thin:u/{secret}@//h:1/s",
        f"postgresql+asyncpg://u:{secret}@h/d",
        f"postgresql+asyncpg://h/d?user=u&password={secret}",
    ]
    for url in urls:
        target = translate(url, password=secret)
        assert secret not in masked(url)
        assert secret not in f"{target!r} {target.url} {target.place} {target.warnings}"


@pytest.mark.parametrize(
    "url",
    [
        "jdbc:postgresql://h/d?sslkey=k&sslpassword={}&x=1",
        "jdbc:mysql://h/d?trustCertificateKeyStorePassword={}",
        "jdbc:mysql://address=(host=h)(user=u)(password={})/d",
        "jdbc:sqlserver://h;user=u;Password={{{};more}};encrypt=true",
    ],
)
def test_a_password_is_hidden_whatever_it_opens(url: str) -> None:
    shown = masked(url.format("hunter22"))
    assert "hunter22" not in shown
    assert "more" not in shown
    assert shown.partition("*****")[2] == url.rpartition("}")[2]


@given(st.text(max_size=60))
def test_any_text_is_either_translated_or_refused(text: str) -> None:
    for url in (
        text,
        f"jdbc:{text}",
        f"jdbc:postgresql:{text}",
        f"jdbc:oracle:thin:{text}",
        f"jdbc:sqlserver:{text}",
    ):
        with suppress(JdbcUrlError):
            assert translate(url).url
