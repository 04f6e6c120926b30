"""The lease keeper: an OS thread with its own event loop and database connection, so that no task body can cost
the lease (coordination 8.4, 8.9).

The thread acquires (L1), renews with hedged attempts (L2), raises the fence at the deadline (L4) and reports to the
main loop. Safety rests on `Grant`, which the main loop compares with the clock before everything it does; the fence
flag only makes the loops stop sooner.
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import uvloop

from micro_integrator.cluster.acquisition import Acquisition, Ended, Held
from micro_integrator.cluster.identity import Identity, new_boot_id
from micro_integrator.cluster.lease import LeaseRow, Tenure, Verdict
from micro_integrator.cluster.lease_events import Grant, LeaseEvents
from micro_integrator.cluster.own_lease import OwnLease
from micro_integrator.cluster.renewal import RETRY_CAP, Renewal
from micro_integrator.cluster.wire import Tell, Wire, address_of
from micro_integrator.database import Connection, DatabaseError, DataSource
from micro_integrator.kit import REMIND_EVERY, SystemClock, backoff, boottime
from micro_integrator.observability import get_logger

log = get_logger("LeaseManager")
join_log = get_logger("RDBMSCoordinationStrategy")

CONNECT_LIMIT = 10.0
GOODBYE = 0.5
"""Seconds for the last word over the wire."""
FREEZE = 1.0
"""Seconds by which a 200 ms tick must be late before it is called a freeze of the process."""


Prepare = Callable[[Connection], Coroutine[Any, Any, None]]
"""What must hold before a lease is asked for: tables, schema version, what the database promises."""


class LeaseThread:
    """Keeps the lease of one node. `may_act` may be asked from any thread; the rest belongs to the main loop."""

    def __init__(
        self,
        identity: Identity,
        source: DataSource,
        events: LeaseEvents,
        prepare: Prepare,
        make_wire: Callable[[Tell], Wire],
    ) -> None:
        self.grant = Grant()
        self.is_fenced = True
        self._identity, self._source, self._events, self._prepare = identity, source, events, prepare
        self._thread = threading.Thread(target=self._run, name="lease", daemon=True)
        self._main: asyncio.AbstractEventLoop | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._work: asyncio.Task[None] | None = None
        self._tenure: Tenure | None = None
        self._row = OwnLease(identity)
        self._acquisition = Acquisition(identity)
        self._status = "JOINING"
        self._wanted_status = "JOINING"
        self._deploy_seq = 0
        self.wire = make_wire(self._tell_main)
        self.is_group_on_this_host = True
        self.clock_offset_ms: int | None = None
        self._was_evicted_alive = False
        self._keeping: asyncio.Task[None] | None = None
        self._main_ticked = boottime()
        self._clock = SystemClock()
        self._nudge = asyncio.Event()
        self._is_over = threading.Event()
        self.first_attempt = asyncio.Event()
        self.wants_new_boot = False
        self.renewed_at = float("-inf")
        self.last_latency = 0.0

    # what the main loop asks and says

    def may_act(self, boot_id: str) -> bool:
        """L4: whether what began under `boot_id` may go on at this instant."""
        grant = self.grant
        return grant.boot_id == boot_id and not self.is_fenced and boottime() < grant.deadline

    def start(self) -> None:
        """Start the thread; call in the main loop, once."""
        self._main = asyncio.get_running_loop()
        self._thread.start()

    def tick(self) -> None:
        """The main loop is alive; without ticks for 2 L a stuck node lets its lease go."""
        self._main_ticked = boottime()

    def unfence(self, boot_id: str) -> None:
        """L5: the fence rows were read after the renewal; tasks of `boot_id` may act again."""
        if self.grant.boot_id == boot_id:
            self.is_fenced = False

    def set_status(self, status: str) -> None:
        """Move the lease row to ACTIVE or DRAINING, now or as soon as the database answers."""
        self._wanted_status = status
        self._call(self._nudge.set)

    def set_deploy_seq(self, number: int) -> None:
        """Let the next renewal, sent at once, carry the number of this node's newest publication."""
        self._deploy_seq = number
        self._call(self._nudge.set)

    @property
    def predecessors(self) -> frozenset[str]:
        """Boot ids that have held my node id before."""
        return frozenset(self._acquisition.predecessors)

    def rejoin(self) -> None:
        """Let the present lease go and win one under a new boot id."""
        self.wants_new_boot = True
        self._call(self._nudge.set)

    async def leave(self, limit: float) -> bool:
        """Renew no more and write LEFT; False if the database did not answer within `limit` seconds."""
        return self._tenure is not None and await self._done_there(self._leave(), limit)

    async def say_goodbye(self) -> None:
        """Tell the other members over the wire that this one's silence is no death."""
        await self._done_there(self.wire.bye(), GOODBYE)

    async def _done_there(self, work: Coroutine[Any, Any, None], limit: float) -> bool:
        """Run `work` in the thread's loop; whether it came to a good end within `limit` seconds."""
        if (loop := self._loop) is None or not loop.is_running():
            work.close()
            return False
        answer = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, loop))
        await asyncio.wait([answer], timeout=limit)
        is_done = answer.done() and not answer.cancelled() and answer.exception() is None
        answer.cancel()
        return is_done

    async def stop(self) -> None:
        """End the thread without a word to the database: the row then expires by itself."""
        self.is_fenced = True
        self._is_over.set()
        self._call(lambda: self._work.cancel() if self._work else None)
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join, 5.0)

    def _call(self, action: Callable[[], object]) -> None:
        if (loop := self._loop) is not None and not loop.is_closed():
            with contextlib.suppress(RuntimeError):  # the loop closed between the test and the call
                loop.call_soon_threadsafe(action)

    # the thread

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            self._loop = runner.get_loop()
            while not self._is_over.is_set():
                try:
                    runner.run(self._live())
                except asyncio.CancelledError:
                    break
                except Exception as error:  # nobody else would say why all tasks have stopped
                    log.error(
                        "Lease thread failed, starting again: {error}", error=repr(error), exc_info=error
                    )
                    self._give_up()
                    self._is_over.wait(RETRY_CAP)
            runner.run(self.wire.stop())  # without a goodbye: who has not left may only be found silent

    async def _live(self) -> None:
        self._work = asyncio.current_task()
        async with asyncio.TaskGroup() as group:
            await self.wire.start()  # before the first lease: it says where this node can be reached
            group.create_task(self._watch_deadline(), name="lease deadline")
            self._keeping = group.create_task(self._keep(), name="lease renewal")

    async def _keep(self) -> None:
        """Join, hold, and join anew under another boot id, for ever."""
        while True:
            connection, tenure = await self._join()
            self._acquisition.former_boots.add(tenure.boot_id)
            self.wants_new_boot = False
            self._tenure, self._status, self._wanted_status = tenure, "JOINING", "JOINING"
            try:
                await Renewal(self, tenure, connection).hold()
            finally:
                self._fence()

    async def _join(self) -> tuple[Connection, Tenure]:
        """Try until a lease is won (L1). Trouble is told at once, then once per minute while it stands."""
        boot_id, told, told_at = new_boot_id(), "", 0.0
        for delay in backoff(0.5, RETRY_CAP):
            try:
                return await self._try_to_join(boot_id)
            except Held as held:
                trouble, wait = str(held), min(delay, held.expires_in)
            except Ended as ended:
                trouble, wait, boot_id = str(ended), 0.0, new_boot_id()
            except DatabaseError as error:
                trouble, wait = self._join_trouble(error), delay
            self._tell_main(self.first_attempt.set)
            if trouble != told or boottime() - told_at > REMIND_EVERY:
                (log if trouble.startswith("Node id") else join_log).error("{trouble}", trouble=trouble)
                told, told_at = trouble, boottime()
            await self._clock.sleep(max(0.05, wait))
        raise AssertionError("backoff never ends")

    def _join_trouble(self, error: DatabaseError) -> str:
        node, group = self._identity.node_id, self._identity.group_id
        return (
            f"Node with ID {node} in group {group} could not join to the cluster due to {error} . Will retry"
        )

    async def _try_to_join(self, boot_id: str) -> tuple[Connection, Tenure]:
        connection = await self.connect()
        try:
            await self._prepare(connection)
            tenure = await self._acquisition.acquire(connection, boot_id)
            await self._introduce(connection, tenure)
            await self._first_renewal(connection, tenure)
            await self._row.resign(connection)
        except BaseException:
            connection.abort()
            raise
        join_log.info("Successfully joined the cluster with id [{node}]", node=self._identity.node_id)
        self.is_fenced = True  # until the fence rows have been read
        self.grant = Grant(tenure.boot_id, tenure.deadline)
        self._tell_main(self._events.joined, tenure.boot_id)
        self._tell_main(self.first_attempt.set)
        return connection, tenure

    async def _introduce(self, connection: Connection, tenure: Tenure) -> None:
        """Take part in the wire under the new boot id; the first renewal says where this node can be reached."""
        key = await self._row.wire_key(connection)
        self.wire.set_identity(tenure.boot_id, tenure.epoch, key, tenure.sent)

    def _advertised(self, connection: Connection) -> str | None:
        """One false death is enough for the life of a process: afterwards nobody looks for evidence here."""
        if self._was_evicted_alive:
            return None
        address = address_of(connection.socket)
        return self.wire.endpoint(address, is_group_on_this_host=self.is_group_on_this_host)

    async def _first_renewal(self, connection: Connection, tenure: Tenure) -> None:
        """The deadline starts with an answered renewal: how the acquisition was decided need not be known."""
        number, sent_at = tenure.next_number(), boottime()
        if await self.send_renewal(connection, tenure, number):
            tenure.renewed(number, sent_at)
            self.renewed_at = boottime()
            return
        raise Held(f"Node id [{self._identity.node_id}] was taken by another process", RETRY_CAP)

    async def connect(self) -> Connection:
        """Open a connection of the lease: statements are limited to a quarter of the lease (8.9)."""
        return await self._source.connect(
            statement_timeout=self._identity.window / 4, connect_timeout=CONNECT_LIMIT
        )

    async def send_renewal(self, connection: Connection, tenure: Tenure, number: int) -> bool:
        """Send attempt `number`; True when it met its row."""
        return await self._row.renew(
            connection,
            tenure,
            number,
            deploy_seq=self._deploy_seq,
            endpoint=self._advertised(connection),
            info=self._identity.info(self.clock_offset_ms),
        )

    async def read_row(self, connection: Connection) -> LeaseRow | None:
        """Read my own lease row."""
        return await self._row.read(connection)

    # what a renewal changes

    def renewed(self, tenure: Tenure, number: int, sent_at: float) -> None:
        """Attempt `number` met its row: move the deadline; a fence raised meanwhile falls by L5 only."""
        now = boottime()
        was_late = now >= tenure.deadline
        tenure.renewed(number, sent_at)
        self.last_latency = now - sent_at
        silence = now - self.renewed_at
        if silence > 0.6 * tenure.length:
            log.info(
                "Lease of node [{node}] renewed after {late_ms} ms",
                node=self._identity.node_id,
                late_ms=round(silence * 1000),
            )
        self.renewed_at = now
        self.wire.renewed(number)
        if was_late and not self.is_fenced:
            self._fence()
        self.grant = Grant(tenure.boot_id, tenure.deadline)
        if self.is_fenced and now < tenure.deadline:
            self._tell_main(self._events.renewed, tenure.boot_id)

    def _fence(self) -> None:
        if self.is_fenced:
            return
        self.is_fenced = True
        self._tell_main(self._events.fenced, self.grant.boot_id)

    def lose(self, verdict: Verdict) -> None:
        """The lease is not this process's any more: nothing that began under its boot id may go on."""
        node = self._identity.node_id
        if verdict is Verdict.TWIN:
            log.error("Node [{node}] runs twice with one boot id", node=node)
        elif verdict is Verdict.WENT_BACKWARDS:
            self._tell_main(self._events.went_backwards)
        elif verdict is Verdict.EVICTED_ALIVE:
            self._was_evicted_alive = True
            log.warning("Node [{node}] was evicted while alive; its endpoint is withdrawn", node=node)
        else:
            log.warning("Node [{node}] has lost its lease; joining again under a new boot id", node=node)
        self._give_up()

    def _give_up(self) -> None:
        self._fence()
        self.grant = Grant()

    def main_is_stuck(self, tenure: Tenure) -> bool:
        """Whether the main loop has not ticked for 2 L: a stuck node must lose its tasks."""
        return boottime() - self._main_ticked > 2 * tenure.length

    async def sync_status(self, connection: Connection, tenure: Tenure) -> None:
        """Write the wanted STATUS when the row does not show it yet."""
        if self._wanted_status == self._status:
            return
        wanted = self._wanted_status
        await self._row.set_status(connection, tenure, wanted)
        self._status = wanted
        if wanted == "ACTIVE":
            self._tell_main(self._events.activated, tenure.boot_id)

    async def wait_for_turn(self, seconds: float) -> None:
        """Sleep `seconds`, or until the main loop has something for the lease row."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):  # wait_for of Python 3.11 can swallow a cancellation
                await self._nudge.wait()
        self._nudge.clear()

    async def _leave(self) -> None:
        tenure = self._tenure
        assert tenure is not None  # noqa: S101 - the caller has looked
        self.is_fenced = True
        if self._keeping is not None:  # a renewal that finds LEFT would join anew
            self._keeping.cancel()
        connection = await self.connect()
        try:
            self._wanted_status = "LEFT"
            await self.sync_status(connection, tenure)
        finally:
            await connection.close()

    async def _watch_deadline(self) -> None:
        """Raise the fence at the deadline, warn at 60 % of the lease, and notice a frozen process."""
        warned_for, last = float("-inf"), boottime()
        while True:
            await self._clock.sleep(0.2)
            now = boottime()
            if (frozen := now - last - 0.2) > FREEZE:
                log.warning("Process freeze of {frozen_ms} ms detected", frozen_ms=round(frozen * 1000))
            last = now
            if self.is_fenced or self._tenure is None:
                continue
            if now >= self.grant.deadline:
                log.error(
                    "Lease of node [{node}] expired; coordinated tasks stopped", node=self._identity.node_id
                )
                self._fence()
            elif now - self.renewed_at > 0.6 * self._tenure.length and warned_for != self.renewed_at:
                warned_for = self.renewed_at
                log.warning(
                    "Lease of node [{node}] not renewed for {silent_ms} ms; tasks stop in {left_ms} ms",
                    node=self._identity.node_id,
                    silent_ms=round((now - self.renewed_at) * 1000),
                    left_ms=round((self.grant.deadline - now) * 1000),
                )

    def _tell_main(self, call: Callable[..., object], *arguments: object) -> None:
        if (main := self._main) is not None and not main.is_closed():
            with contextlib.suppress(RuntimeError):  # the main loop closed in this very moment
                main.call_soon_threadsafe(call, *arguments)
