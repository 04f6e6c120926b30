"""The connection that claims go through: one of their own, so that they wait for nobody else's statement."""

from collections.abc import Sequence

from micro_integrator.database import BatchRow, BatchUpdate, Connection, DataSource


class ClaimConnection:
    """One connection, used by one statement at a time; a further one is opened where none is idle.

    It is thrown away when its answer is late or an error, so that a claim sent again never queues behind its own lost
    copy.
    """

    def __init__(self, source: DataSource, statement_limit: float) -> None:
        self._source, self._statement_limit = source, statement_limit
        self._idle: Connection | None = None

    async def update(self, batch: BatchUpdate, values: Sequence[BatchRow], **names: object) -> set[str]:
        """Send a statement and return the names that were met. Raises DatabaseError."""
        connection, self._idle = self._idle, None
        connection = connection or await self._source.connect(statement_timeout=self._statement_limit)
        try:
            met = await connection.update_batch(batch, values, **names)
        except BaseException:
            connection.abort()
            raise
        self._keep(connection)
        return met

    async def close(self) -> None:
        """Close the idle connection."""
        connection, self._idle = self._idle, None
        if connection is not None:
            await connection.close()

    def _keep(self, connection: Connection) -> None:
        if self._idle is None:
            self._idle = connection
        else:  # opened while another one was on its way
            connection.abort()
