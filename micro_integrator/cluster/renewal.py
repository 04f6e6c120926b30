"""Renewing a lease with hedged attempts (L2): a hung connection costs a second, not the lease.

An attempt that is unanswered for a second does not hold up the next one, which starts on a fresh connection. The
first success wins, with the moment at which that very attempt was sent.
"""

import asyncio
from typing import Protocol

from micro_integrator.cluster.lease import LeaseRow, Tenure, Verdict
from micro_integrator.database import Connection, DatabaseError
from micro_integrator.kit import backoff, boottime, jittered
from micro_integrator.observability import get_logger

log = get_logger("LeaseManager")

HEDGE_AFTER = 1.0
"""Seconds without an answer after which the next attempt starts."""
MOST_ATTEMPTS = 4
RETRY_CAP = 2.0
GOODBYE = 2.0
"""Seconds that cancelled attempts may take to close their connections."""


class Keeper(Protocol):
    """Who holds the lease: what a renewal asks of the lease thread."""

    wants_new_boot: bool
    """Whether the tenure shall end although the database would renew it."""

    async def connect(self) -> Connection:
        """Open a connection."""
        ...

    async def send_renewal(self, connection: Connection, tenure: Tenure, number: int) -> bool:
        """Send attempt `number`; True when it met its row."""
        ...

    async def read_row(self, connection: Connection) -> LeaseRow | None:
        """Read my row."""
        ...

    async def sync_status(self, connection: Connection, tenure: Tenure) -> None:
        """Write the wanted STATUS."""
        ...

    async def wait_for_turn(self, seconds: float) -> None:
        """Sleep, or until there is something to write."""
        ...

    def renewed(self, tenure: Tenure, number: int, sent_at: float) -> None:
        """Attempt `number` met its row."""
        ...

    def lose(self, verdict: Verdict) -> None:
        """The lease is not mine any more."""
        ...

    def main_is_stuck(self, tenure: Tenure) -> bool:
        """Whether this node must let its lease go."""
        ...


class Renewal:
    """Renews one tenure, attempt by attempt, until it is lost."""

    def __init__(self, keeper: Keeper, tenure: Tenure, connection: Connection) -> None:
        self._keeper, self._tenure = keeper, tenure
        self._connection: Connection | None = connection
        self._attempts: list[asyncio.Task[Verdict | None]] = []
        """Those without an answer, the oldest first."""

    async def hold(self) -> None:
        """Renew every L/5, jittered; returns when the tenure is over."""
        retry = backoff(0.2, RETRY_CAP)
        try:
            while not self._keeper.wants_new_boot:
                if self._keeper.main_is_stuck(self._tenure):
                    await self._keeper.wait_for_turn(1.0)
                    continue
                succeeded, verdict = await self._round()
                if verdict is not None and verdict is not Verdict.OVERTAKEN:
                    self._keeper.lose(verdict)
                    if verdict is not Verdict.WENT_BACKWARDS:
                        return
                if succeeded:
                    retry = backoff(0.2, RETRY_CAP)
                await self._keeper.wait_for_turn(
                    jittered(self._tenure.length / 5) if succeeded else next(retry)
                )
        finally:
            abandoned = set(self._attempts)
            self._abandon()
            if abandoned:  # cancelled a second time, by the end of the loop, a SQLite connection never closes
                await asyncio.wait(abandoned, timeout=GOODBYE)

    async def _round(self) -> tuple[bool, Verdict | None]:
        """Run hedged attempts until one is answered, or all have failed."""
        self._launch()
        while self._attempts:
            answered, _ = await asyncio.wait(
                self._attempts, timeout=HEDGE_AFTER, return_when=asyncio.FIRST_COMPLETED
            )
            if not answered:
                if len(self._attempts) == MOST_ATTEMPTS:
                    self._attempts.pop().cancel()  # the older ones may be slow logins, which need their time
                self._launch()
                continue
            for attempt in answered:
                self._attempts.remove(attempt)
                if (error := attempt.exception()) is None:
                    verdict = attempt.result()
                    self._abandon(keep_connection=True)
                    return verdict is None, verdict
                if not isinstance(error, DatabaseError):
                    raise error
                log.debug("Renewal failed: {error}", error=error)
        return False, None

    def _launch(self) -> None:
        connection, self._connection = self._connection, None
        attempt = asyncio.get_running_loop().create_task(self._attempt(connection), name="lease attempt")
        self._attempts.append(attempt)

    async def _attempt(self, connection: Connection | None) -> Verdict | None:
        """One renewal on the kept or a fresh connection; None = renewed, else the verdict."""
        connection = connection or await self._keeper.connect()
        try:
            number, sent_at = self._tenure.next_number(), boottime()
            if await self._keeper.send_renewal(connection, self._tenure, number):
                self._keeper.renewed(self._tenure, number, sent_at)
                await self._keeper.sync_status(connection, self._tenure)
                verdict = None
            else:
                row = await self._keeper.read_row(connection)
                verdict = self._tenure.judge_miss(number, row, boottime())
        except BaseException:
            connection.abort()
            raise
        if self._connection is None:
            self._connection = connection
        else:
            connection.abort()
        return verdict

    def _abandon(self, *, keep_connection: bool = False) -> None:
        for attempt in self._attempts:
            attempt.cancel()
        self._attempts.clear()
        if not keep_connection and self._connection is not None:
            self._connection.abort()
            self._connection = None
