"""What one database does its own way: how it is connected, how it says things, what its errors mean."""

import ssl
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

from micro_integrator.database.batch import Batch, BatchInsert, BatchRow, name_column
from micro_integrator.database.errors import DatabaseError, Refused, Unreachable
from micro_integrator.database.statement import Rendered, Statement, render
from micro_integrator.database.target import Target


@dataclass(frozen=True)
class Limits:
    """Seconds after which a statement, or the opening of a connection, is given up."""

    statement: float
    connect: float


@dataclass(frozen=True)
class Problem:
    """Something about a database that an operator should know: an error forbids to coordinate on it."""

    severity: Literal["error", "warning"]
    what: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.what}; {self.remedy}"


@dataclass(frozen=True)
class Diagnosis:
    """The meaning of a driver's error; `Unreachable` stands for a connection that is not usable any more."""

    kind: type[DatabaseError]
    missing_table: str = ""


class Asker(Protocol):
    """The part of a connection that `Dialect.check` needs."""

    async def rows(self, statement: Statement, /, **values: Any) -> list[Any]:
        """Return the rows of the answer."""
        ...

    async def changed(self, statement: Statement, /, **values: Any) -> int:
        """Return the number of rows that matched."""
        ...


class Dialect(ABC):
    """One per database; without state but for the texts it has rendered once."""

    name: ClassVar[str]
    title: ClassVar[str]
    scripts: ClassVar[str]
    """Start of the paths of its DDL: `postgres/postgresql` for dbscripts/postgres/postgresql_cluster.sql."""
    accents: ClassVar[Mapping[str, str]]
    longest_age: ClassVar[float] = -1
    """Seconds after which a pooled connection is replaced unless configured; -1 = never."""

    def __init__(self) -> None:
        self._texts: dict[object, Rendered] = {}

    @abstractmethod
    def mark(self, number: int) -> str:
        """The driver's mark of bind `number`, counted from 1."""

    @abstractmethod
    def connect_arguments(self, target: Target, limits: Limits) -> dict[str, Any]:
        """Arguments for the driver's connect function: limits, session settings, encryption."""

    def driver_connect(self, dbapi: Any) -> Callable[..., Awaitable[Any]] | None:
        """The driver's own connect function, of which several may be under way at once; None: it needs no network."""
        return None

    def socket_of(self, driver_connection: Any) -> Any:
        """The socket of a connection; None: it needs no network."""
        return None

    @abstractmethod
    def prepare_session(self, connection: Any) -> None:
        """Finish a new DBAPI `connection`; its methods may be called as if they were synchronous."""

    @abstractmethod
    def abort(self, driver_connection: Any) -> None:
        """End whatever runs on it, at once and without a word to the server."""

    @abstractmethod
    def diagnose(self, error: BaseException) -> Diagnosis:
        """Say what an error of the driver means."""

    @abstractmethod
    def batch_text(self, batch: Batch) -> str:
        """The statement of `batch`; an update returns the names of the rows hit, where that is possible."""

    @abstractmethod
    def batch_values(self, batch: Batch, rows: Sequence[BatchRow]) -> dict[str, Any]:
        """The binds of `batch_text` that carry `rows`."""

    @abstractmethod
    async def check(self, asker: Asker) -> list[Problem]:
        """Prove clock, affected-rows semantics and durability; an empty list means that all is well."""

    @abstractmethod
    def column_type(self, kind: str, size: int) -> str:
        """The type of a column: V (ASCII text), NAME (text of users), both of `size`, CLOB, BIGINT or INT."""

    def table_options(self, *, is_hot: bool) -> str:
        """What follows the columns in CREATE TABLE; `is_hot` tables are updated all the time."""
        return ""

    def confirm_text(self, batch: Batch) -> str | None:
        """The select that finds the rows a batch has hit; None when its own statement returns them."""
        return None

    def start_up_problem(self, target: Target) -> str:
        """Say why `target` can never be used, judged without connecting; empty = nothing known."""
        return ""

    def rendered(self, statement: Statement) -> Rendered:
        """Return `statement` as the driver wants it; rendered once."""
        return self._texts.get(statement) or self._remember(statement, statement.text_for(self.name))

    def rendered_batch(self, batch: Batch) -> Rendered:
        """Return the statement of `batch`; rendered once."""
        return self._texts.get(batch) or self._remember(batch, self.batch_text(batch))

    def rendered_confirmation(self, batch: Batch) -> Rendered | None:
        """Return the select that finds the rows a batch has hit, if this database needs one."""
        known = self._texts.get((batch, "confirm"))
        if known is None and (text := self.confirm_text(batch)) is not None:
            known = self._remember((batch, "confirm"), text)
        return known

    def _remember(self, key: object, text: str) -> Rendered:
        self._texts[key] = rendered = render(self._escaped(text), self.accents, self.mark)
        return rendered

    def _escaped(self, text: str) -> str:
        return text


def root_cause(error: BaseException) -> BaseException:
    """Return the driver's own error below SQLAlchemy's and its adapter's wrappers."""
    while (inner := getattr(error, "orig", None) or error.__cause__) is not None:
        error = inner
    return error


def network_diagnosis(error: BaseException) -> Diagnosis:
    """The meaning of errors that come from the network and not from a database."""
    # RuntimeError: uvloop's word for writing to a connection that has been reset while it was not in use
    if isinstance(error, OSError | EOFError | RuntimeError) and not is_certificate_error(error):
        return Diagnosis(Unreachable)
    return Diagnosis(Refused)


def is_certificate_error(error: BaseException) -> bool:
    """True when the server's certificate is the trouble: it will not get better by trying again."""
    return isinstance(root_cause(error), ssl.SSLCertVerificationError)


def insert_text(batch: BatchInsert, values: str) -> str:
    """Return INSERT .. SELECT over `values`, in the order of the names, in words all databases know."""
    columns = ", ".join(column for column, _ in batch.into)
    expressions = ", ".join(expression for _, expression in batch.into)
    return (
        f"INSERT INTO {batch.table} ({columns}) SELECT {expressions} FROM {batch.source}, {values}"  # noqa: S608
        f" WHERE {batch.where} ORDER BY v.{name_column(batch.columns)}"
    )


_PLAUSIBLE_MS = range(1_577_836_800_000, 4_102_444_800_000)
"""2020 to 2100: a clock outside is broken, or the expression is."""
_CLOCK = Statement("SELECT {now_ms}")
_MAKE_SCRATCH = Statement("CREATE TEMPORARY TABLE MI_SCRATCH (ID INT, AMOUNT INT)")
_FILL_SCRATCH = Statement("INSERT INTO MI_SCRATCH (ID, AMOUNT) VALUES (1, 1)")
_TOUCH_SCRATCH = Statement("UPDATE MI_SCRATCH SET AMOUNT = 1 WHERE ID = 1")
_DROP_SCRATCH = Statement("DROP TABLE MI_SCRATCH")


async def clock_problems(asker: Asker) -> list[Problem]:
    """Ask the database for its time in milliseconds; it must be an integer of this century."""
    [[now]] = await asker.rows(_CLOCK)
    if isinstance(now, int) and now in _PLAUSIBLE_MS:
        return []
    return [Problem("error", f"the database's clock says {now!r}", "set the clock of the database server")]


async def matching_problems(asker: Asker) -> list[Problem]:
    """Prove on a temporary table that an update counts the rows it matched, not those it made different."""
    try:
        await asker.changed(_MAKE_SCRATCH)
    except Refused as refusal:
        return [
            Problem(
                "warning",
                f"cannot prove that updates count matched rows: {refusal}",
                "allow this user to create temporary tables",
            )
        ]
    try:
        await asker.changed(_FILL_SCRATCH)
        counted = await asker.changed(_TOUCH_SCRATCH)
    finally:
        await asker.changed(_DROP_SCRATCH)
    if counted == 1:
        return []
    return [
        Problem(
            "error",
            f"an update that matches one row and changes nothing counts {counted}",
            "let the connection count found rows: no proxy may take the flag FOUND_ROWS away",
        )
    ]
