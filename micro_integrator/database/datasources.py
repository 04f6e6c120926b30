"""A database by its name in deployment.toml: a pool for everyday work and dedicated connections beside it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from importlib.util import find_spec
from typing import Any, Self
from weakref import WeakKeyDictionary

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool

from micro_integrator.config import COORDINATION, ConfigurationError, DataSourceSettings
from micro_integrator.database.batch import BatchInsert, BatchRow, BatchUpdate
from micro_integrator.database.connection import Connection
from micro_integrator.database.dialects import DIALECTS, Dialect, Limits
from micro_integrator.database.errors import Refused, Unreachable
from micro_integrator.database.failure import failure
from micro_integrator.database.hedge import hedged
from micro_integrator.database.jdbc_url import translate
from micro_integrator.database.repetition import retrying
from micro_integrator.database.rows import Row
from micro_integrator.database.statement import Statement
from micro_integrator.database.target import DRIVERS, JdbcUrlError, Target
from micro_integrator.observability import get_logger

log = get_logger("DataSource")
# a pool complains, with a stack trace, about connections that were cut on purpose; failures are ours to tell
logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)

STATEMENT_LIMIT = 30.0
CONNECT_LIMIT = 10.0
_PACKAGES = {
    "mssql": ("SQL Server", "aioodbc"),
    "oracle": ("Oracle", "oracledb"),
    "db2": ("DB2", "ibm_db_sa"),
}


class DataSource:
    """One database.

    The pool belongs to the loop in which `open` ran; `connect` works in any running loop.
    """

    def __init__(
        self,
        settings: DataSourceSettings,
        *,
        statement_timeout: float = STATEMENT_LIMIT,
        on_statement: Callable[[], object] | None = None,
    ) -> None:
        """Read the URL; `on_statement` is called for every statement sent.

        Raises JdbcUrlError, or Refused without a Python driver for this database.
        """
        self.id = settings.id
        self.target = translate(
            settings.url,
            username=settings.username,
            password=settings.password,
            driver=settings.driver,
            home=settings.directory,
            properties=settings.pool_options.connection_properties,
        )
        self.dialect = _dialect(self.target)
        self._limits = Limits(
            min(statement_timeout, self.target.socket_timeout or statement_timeout),
            self.target.connect_timeout or CONNECT_LIMIT,
        )
        self._pool_arguments = _pool(settings, self.dialect)
        self._on_statement = on_statement
        self._first_statement = settings.pool_options.init_sql
        self._engine: AsyncEngine | None = None
        self._dedicated: WeakKeyDictionary[
            asyncio.AbstractEventLoop, dict[tuple[Limits, bool], AsyncEngine]
        ] = WeakKeyDictionary()

    @classmethod
    def configured(
        cls,
        settings: DataSourceSettings,
        *,
        statement_timeout: float = STATEMENT_LIMIT,
        on_statement: Callable[[], object] | None = None,
    ) -> Self:
        """Return the data source of a `[[datasource]]`.

        Raises ConfigurationError with file and line for one that can never work.
        """
        try:
            made = cls(settings, statement_timeout=statement_timeout, on_statement=on_statement)
        except (JdbcUrlError, Refused) as error:
            raise _misconfigured(settings, str(error)) from error
        if problem := made.dialect.start_up_problem(made.target):
            raise _misconfigured(settings, problem)
        return made

    @property
    def place(self) -> str:
        """Where the database is, as messages name it."""
        return f"{self.dialect.title} {self.target.place}"

    async def open(self) -> None:
        """Make the pool; connections are opened when needed. Raises Refused for what can never work."""
        if problem := self.dialect.start_up_problem(self.target):
            raise Refused(problem)
        for remark in self.target.warnings:
            log.warning("Datasource [{id}]: {remark}", id=self.id, remark=remark)
        self._engine = self._make_engine(self._limits, **self._pool_arguments)

    async def close(self) -> None:
        """Close all connections of the pool; may be called twice."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.dispose()

    async def rows(self, statement: Statement, /, **values: Any) -> list[Row]:
        """Return the rows of `statement`, run on a connection of the pool."""
        async with self._borrowed() as connection:
            return await connection.rows(statement, **values)

    async def changed(self, statement: Statement, /, **values: Any) -> int:
        """Return how many rows `statement` matched, run on a connection of the pool."""
        async with self._borrowed() as connection:
            return await connection.changed(statement, **values)

    async def update_batch(self, batch: BatchUpdate, /, rows: Sequence[BatchRow], **values: Any) -> set[str]:
        """Return the names of the rows hit; see `Connection.update_batch`."""
        async with self._borrowed() as connection:
            return await connection.update_batch(batch, rows, **values)

    async def insert_batch(self, batch: BatchInsert, /, rows: Sequence[BatchRow], **values: Any) -> int:
        """Return the number of rows inserted; see `Connection.insert_batch`."""
        async with self._borrowed() as connection:
            return await connection.insert_batch(batch, rows, **values)

    async def connect(
        self, *, statement_timeout: float | None = None, connect_timeout: float | None = None
    ) -> Connection:
        """Open a connection outside the pool, in the running loop; the caller closes it.

        Times in seconds, by default those of the pool. With a `connect_timeout` of its own it is one attempt, for
        callers who make several themselves; else it is hedged. Raises Unreachable or Refused.
        """
        limits = Limits(statement_timeout or self._limits.statement, connect_timeout or self._limits.connect)
        kind = (limits, connect_timeout is None)
        engines = self._dedicated.setdefault(asyncio.get_running_loop(), {})
        if kind not in engines:
            engines[kind] = self._make_engine(limits, hedges=connect_timeout is None, poolclass=NullPool)
        return await self._connect(engines[kind], limits)

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[Connection]:
        if self._engine is None:
            raise Unreachable(f"{self.place}: the datasource [{self.id}] is not open")
        connection = await self._connect(self._engine, self._limits)
        try:
            yield connection
        finally:
            await connection.close()

    async def _connect(self, engine: AsyncEngine, limits: Limits) -> Connection:
        # SQLite may be locked by another process that opens the file for the first time
        return await retrying(partial(self._try_to_connect, engine, limits))

    async def _try_to_connect(self, engine: AsyncEngine, limits: Limits) -> Connection:
        try:
            async with asyncio.timeout(limits.connect):
                link = await engine.connect()
        except TimeoutError as error:
            raise Unreachable(f"{self.place}: no connection within {limits.connect:g} s") from error
        except Exception as error:
            raise failure(self.place, error, self.dialect.diagnose(error)) from error
        return Connection(
            link, _driver_connection(link), self.dialect, self.place, limits.statement, self._on_statement
        )

    def _make_engine(self, limits: Limits, *, hedges: bool = True, **pool: Any) -> AsyncEngine:
        engine = create_async_engine(
            _engine_url(self.target),
            isolation_level="AUTOCOMMIT",
            # without it MariaDB hears a ROLLBACK with every connection that is given back
            skip_autocommit_rollback=True,
            connect_args=self.dialect.connect_arguments(self.target, limits),
            **pool,
        )

        driver_connect = self.dialect.driver_connect(engine.dialect.dbapi) if hedges else None
        if driver_connect is not None:

            @event.listens_for(engine.sync_engine, "do_connect")
            def hedge(dialect: Any, record: Any, arguments: Any, options: dict[str, Any]) -> None:
                options["async_creator_fn"] = partial(self._hedged, driver_connect)

        @event.listens_for(engine.sync_engine, "connect")
        def prepare(connection: Any, record: Any) -> None:
            self.dialect.prepare_session(connection)
            if self._first_statement:
                connection.execute(self._first_statement)

        return engine

    async def _hedged(
        self, driver_connect: Callable[..., Awaitable[Any]], /, *words: Any, **options: Any
    ) -> Any:
        return await hedged(partial(driver_connect, *words, **options), self.dialect.abort)


def _dialect(target: Target) -> Dialect:
    dialect = DIALECTS.get(target.dialect)
    if dialect is not None:
        return dialect
    title, package = _PACKAGES[target.dialect]
    if find_spec(package) is None:
        raise Refused(f"Database driver for {title} is not installed: pip install {package}")
    raise Refused(f"{title} cannot be used by this release; use PostgreSQL, MariaDB, MySQL or SQLite")


def _driver_connection(link: AsyncConnection) -> Any:
    assert link.sync_connection is not None  # noqa: S101 - a fresh connection has one
    return link.sync_connection.connection.driver_connection


def _misconfigured(settings: DataSourceSettings, problem: str) -> ConfigurationError:
    place = settings.place
    return ConfigurationError(place.file, place.line, f"[[datasource]] {settings.id}: {problem}")


def _engine_url(target: Target) -> URL:
    if target.native:
        url = make_url(target.native)
        return url.set(username=target.username or url.username, password=target.password or url.password)
    host = target.hosts[0] if len(target.hosts) == 1 else None
    return URL.create(
        DRIVERS[target.dialect],
        username=target.username or None,
        password=target.password or None,
        host=host.name if host else None,
        port=host.port if host else None,
        database=target.database,
        query=dict(target.query),
    )


def _pool(settings: DataSourceSettings, dialect: Dialect) -> dict[str, Any]:
    if settings.id == COORDINATION:
        # two suffice beside the dedicated ones; testing them before use would double the statements
        return {"poolclass": AsyncAdaptedQueuePool, "pool_size": 2, "max_overflow": 0, "pool_pre_ping": False}
    options = settings.pool_options
    kept = max(options.kept, 1)
    return {
        "poolclass": AsyncAdaptedQueuePool,
        "pool_size": kept,
        "max_overflow": max(options.max_active - kept, 0),
        "pool_timeout": options.max_wait,
        "pool_pre_ping": options.test_on_borrow,
        "pool_recycle": options.max_age or dialect.longest_age,
    }
