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
    string,
    waiting_milliseconds,
)

COORDINATION = "WSO2_COORDINATION_DB"
"""Id of the datasource whose presence turns coordination on."""

_DEFAULT_IDLE = 10


@section(
    "datasource.pool_options",
    later="""
    minIdle initialSize validationQuery removeAbandoned removeAbandonedTimeout logAbandoned defaultAutoCommit
    defaultReadOnly defaultTransactionIsolation defaultCatalog validationQueryTimeout validationInterval
    testWhileIdle testOnReturn timeBetweenEvictionRunsMillis minEvictableIdleTimeMillis fairQueue useEquals
    suspectTimeout jdbcInterceptors jmxEnabled alternateUsernameAllowed commitOnReturn rollbackOnReturn
    abandonWhenPercentageFull
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
    max_wait: float | None = key(
        30000, kind=waiting_milliseconds(), name="maxWait", doc="milliseconds to wait for a free connection"
    )
    test_on_borrow: bool = key(
        True, kind=boolean, name="testOnBorrow", doc="test a connection before it is used"
    )
    max_age: float = key(
        0,
        kind=milliseconds(),
        name="maxAge",
        doc="milliseconds after which a connection is replaced; 0: by dialect",
    )
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


@section(
    "datasource", is_array=True, later="dataSourceClassName dataSourceProps.* defaultAutoCommit jmx_enable"
)
class DataSourceSettings:
    """A database. The id `WSO2_COORDINATION_DB` turns coordination on; others are checked and not used yet."""

    id: str = key(REQUIRED, kind=filled, doc="name of the datasource; compared exactly")
    url: str = key(REQUIRED, kind=filled, doc="JDBC URL or SQLAlchemy URL; TLS and search path belong here")
    username: str = key("", kind=string, doc="wins over a user in the URL")
    password: str = key("", kind=string, is_secret=True, doc="wins over a password in the URL")
    driver: str = key("", kind=string, doc="Java or Python driver; decides the dialect if the URL does not")
    pool_options: PoolOptions = part(PoolOptions)
    directory: Path = Path()
    """Where relative paths of file databases count from: the home."""
    place: Place = Place("conf/deployment.toml")
    """Where the URL is written, for messages about it."""
