"""One connection on which each statement commits by itself and none runs for longer than it may."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection

from micro_integrator.database.batch import BatchInsert, BatchRow, BatchUpdate, name_column, sorted_rows
from micro_integrator.database.dialects import Dialect, Problem
from micro_integrator.database.errors import DatabaseError, OutcomeUnknown, Unreachable
from micro_integrator.database.failure import failure
from micro_integrator.database.rows import Row, row_type
from micro_integrator.database.statement import Rendered, Statement

_GOODBYE = 2.0
"""Seconds a server may take to answer a goodbye; then the connection is cut."""


class Connection:
    """Statements one after the other, each its own transaction.

    A statement unanswered after `limit` seconds ends the connection: it is aborted, and nothing more is sent.
    All methods raise the errors of `errors`; after OutcomeUnknown or Unreachable open another connection.
    """

    def __init__(
        self,
        link: AsyncConnection,
        driver_connection: Any,
        dialect: Dialect,
        place: str,
        limit: float,
        on_statement: Callable[[], object] | None = None,
    ) -> None:
        self._link, self._driver_connection, self._dialect = link, driver_connection, dialect
        self._place, self._limit, self._on_statement = place, limit, on_statement
        self._ended = ""

    @property
    def dialect(self) -> Dialect:
        """What this database does its own way."""
        return self._dialect

    @property
    def socket(self) -> Any:
        """The socket underneath, to be asked for its addresses only; None: there is none."""
        return self._dialect.socket_of(self._driver_connection)

    async def rows(self, statement: Statement, /, **values: Any) -> list[Row]:
        """Return the rows that `statement` selects or returns."""
        return _rows(await self._run(self._dialect.rendered(statement), values))

    async def changed(self, statement: Statement, /, **values: Any) -> int:
        """Return how many rows `statement` matched (or inserted); 0 for DDL."""
        return max((await self._run(self._dialect.rendered(statement), values)).rowcount, 0)

    async def update_batch(self, batch: BatchUpdate, /, rows: Sequence[BatchRow], **values: Any) -> set[str]:
        """Return the names of those `rows` whose update hit; at most MAX_ROWS of them (ValueError)."""
        rendered = self._dialect.rendered_batch(batch)
        ordered = sorted_rows(batch, rows)
        values |= self._dialect.batch_values(batch, ordered)
        result = await self._run(rendered, values)
        if result.returns_rows:
            return {row[0] for row in result.fetchall()}
        if result.rowcount == len(ordered):
            name = name_column(batch.columns)
            return {row[name] for row in ordered}
        return await self._confirmed(batch, values) if result.rowcount else set()

    async def insert_batch(self, batch: BatchInsert, /, rows: Sequence[BatchRow], **values: Any) -> int:
        """Return how many of the `rows` were inserted; at most MAX_ROWS of them (ValueError)."""
        values |= self._dialect.batch_values(batch, sorted_rows(batch, rows))
        return (await self._run(self._dialect.rendered_batch(batch), values)).rowcount

    async def check(self) -> list[Problem]:
        """Return what is wrong with this database as a place to coordinate tasks; empty = nothing."""
        return await self._dialect.check(self)

    def abort(self, reason: str = "the connection was aborted") -> None:
        """Cut the connection now: a running statement fails, later ones are refused, no `close` is needed.

        To be called in the loop that opened it; calling it again changes nothing.
        """
        if self._ended:
            return
        self._ended = reason
        self._dialect.abort(self._driver_connection)
        if self._link.sync_connection is not None:
            self._link.sync_connection.invalidate()

    async def close(self) -> None:
        """Say goodbye and give the connection back; never raises, never takes longer than two seconds."""
        if self._ended:
            return
        try:
            async with asyncio.timeout(_GOODBYE):
                await self._link.close()
        except asyncio.CancelledError:
            self.abort()
            raise
        except Exception:  # whatever fails while saying goodbye: it must not stay open
            self.abort()
        self._ended = "the connection is closed"

    async def _confirmed(self, batch: BatchUpdate, values: dict[str, Any]) -> set[str]:
        select = self._dialect.rendered_confirmation(batch)
        if select is None:
            raise ValueError(f"the batch on {batch.table} has no condition to confirm which rows it has hit")
        try:
            return {row[0] for row in (await self._run(select, values)).fetchall()}
        except DatabaseError as error:  # the update is done, but not known which rows it hit
            raise OutcomeUnknown(str(error)) from error

    async def _run(self, rendered: Rendered, values: Mapping[str, Any]) -> CursorResult[Any]:
        if self._ended:
            raise Unreachable(f"{self._place}: {self._ended}")
        if self._on_statement is not None:
            self._on_statement()
        parameters = tuple([values[name] for name in rendered.binds])
        timer = asyncio.get_running_loop().call_later(
            self._limit, self.abort, f"no answer within {self._limit:g} s"
        )
        try:
            return await self._link.exec_driver_sql(rendered.sql, parameters)
        except asyncio.CancelledError:
            self.abort()
            raise
        except Exception as error:
            raise self._failure(error, rendered) from error
        finally:
            timer.cancel()

    def _failure(self, error: Exception, rendered: Rendered) -> DatabaseError:
        diagnosis = self._dialect.diagnose(error)
        if not self._ended and issubclass(diagnosis.kind, Unreachable):
            self.abort("the connection was lost")
        return failure(self._place, error, diagnosis, self._ended, writes=rendered.writes)


def _rows(result: CursorResult[Any]) -> list[Row]:
    make = row_type(result.keys())
    return [make(row) for row in result.fetchall()]
