"""[[datasource]]: a database by its id; the database room reads the URL."""

from collections.abc import Mapping
from pathlib import Path

from micro_integrator.config.errors import Place
from micro_integrator.config.keys import REQUIRED, key, part, section
from micro_integrator.config.kinds import (
    boolean,
    filled,
    integer,
    milliseconds,
    pairs,
    seconds,
    string,
    waiting_milliseconds,
)

COORDINATION = "WSO2_COORDINATION_DB"
"""Id of the datasource whose presence turns coordination on."""

_DEFAULT_IDLE = 10


@section(
    "datasource.pool_options",
    later="""
    validationQueryTimeout validationInterval testWhileIdle testOnReturn timeBetweenEvictionRunsMillis
    minEvictableIdleTimeMillis fairQueue useEquals suspectTimeout jdbcInterceptors jmxEnabled
    alternateUsernameAllowed commitOnReturn rollbackOnReturn abandonWhenPercentageFull
    """,
)
class PoolOptions:
    """Options of the connection pool, by the names of tomcat-jdbc."""

    max_active: int = key(100, kind=integer(at_least=1), name="maxActive", doc="connections at most")
    max_idle: int | None = key(
        None,
        kind=integer(at_least=0),
        name="maxIdle",
        doc="connections kept open; default: 10, at most maxActive",
    )
    min_idle: int = key(0, kind=integer(at_least=0), name="minIdle", doc="connections opened at start")
    initial_size: int = key(
        0, kind=integer(at_least=0), name="initialSize", doc="connections opened at start"
    )
    max_wait: float | None = key(
        30000, kind=waiting_milliseconds(), name="maxWait", doc="milliseconds to wait for a free connection"
    )
    test_on_borrow: bool = key(
        True, kind=boolean, name="testOnBorrow", doc="test a connection before it is used"
    )
    validation_query: str | None = key(
        None,
        kind=filled,
        name="validationQuery",
        doc="statement that tests a connection; default: by dialect",
    )
    max_age: float = key(
        0,
        kind=milliseconds(),
        name="maxAge",
        doc="milliseconds after which a connection is replaced; 0: by dialect",
    )
    remove_abandoned: bool = key(
        False, kind=boolean, name="removeAbandoned", doc="report connections that are held too long"
    )
    remove_abandoned_timeout: float = key(
        60,
        kind=seconds(),
        name="removeAbandonedTimeout",
        doc="seconds after which a connection is held too long",
    )
    log_abandoned: bool = key(False, kind=boolean, name="logAbandoned", doc="like removeAbandoned")
    default_auto_commit: bool | None = key(
        None, kind=boolean, name="defaultAutoCommit", doc="autocommit of new connections; default: by dialect"
    )
    default_read_only: bool | None = key(
        None, kind=boolean, name="defaultReadOnly", doc="open connections read-only; default: by dialect"
    )
    default_transaction_isolation: str | None = key(
        None, kind=filled, name="defaultTransactionIsolation", doc="isolation level; default: by dialect"
    )
    default_catalog: str | None = key(None, kind=filled, name="defaultCatalog", doc="database to select")
    init_sql: str | None = key(
        None, kind=filled, name="initSQL", doc="statement that is run on every new connection"
    )
    connection_properties: Mapping[str, str] = key(
        "", kind=pairs, name="connectionProperties", is_secret=True, doc="driver options, written `a=b;c=d`"
    )

    @property
    def kept(self) -> int:
        """Connections that stay open while nobody uses them."""
        return min(_DEFAULT_IDLE if self.max_idle is None else self.max_idle, self.max_active)


@section("datasource", is_array=True, later="dataSourceClassName dataSourceProps.* jmx_enable")
class DataSourceSettings:
    """A database. The id `WSO2_COORDINATION_DB` turns coordination on; artifacts use others by name."""

    id: str = key(REQUIRED, kind=filled, doc="name of the datasource; compared exactly")
    url: str = key(REQUIRED, kind=filled, doc="JDBC URL or SQLAlchemy URL; TLS and search path belong here")
    username: str = key("", kind=string, doc="wins over a user in the URL")
    password: str = key("", kind=string, is_secret=True, doc="wins over a password in the URL")
    driver: str = key("", kind=string, doc="Java or Python driver; decides the dialect if the URL does not")
    default_auto_commit: bool | None = key(
        None, kind=boolean, name="defaultAutoCommit", doc="like pool_options.defaultAutoCommit"
    )
    pool_options: PoolOptions = part(PoolOptions)
    directory: Path = Path()
    """Where relative paths of file databases count from: the home."""
    place: Place = Place("conf/deployment.toml")
    """Where the URL is written, for messages about it."""
