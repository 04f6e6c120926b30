"""The own connection to one life of one member: kept up, and asked about when it ends (coordination 8.8)."""

from collections.abc import Iterator

from micro_integrator.cluster.wire.answers import Address, Answer
from micro_integrator.cluster.wire.conversation import End, converse
from micro_integrator.cluster.wire.dialling import Attempt, dial, resolve
from micro_integrator.cluster.wire.endpoint import Endpoint
from micro_integrator.cluster.wire.evidence import Suspicion, Verdict
from micro_integrator.cluster.wire.frames import TO_CONNECTOR, Kind, encode_numbers
from micro_integrator.cluster.wire.link import Link
from micro_integrator.cluster.wire.standing import Neighbour
from micro_integrator.cluster.wire.switchboard import Switchboard
from micro_integrator.kit import SystemClock, backoff, boottime
from micro_integrator.observability import get_logger

log = get_logger("PeerWire")

_EXPECTED_OF_THE_DEAD = {Answer.REFUSED, Answer.CLOSED, Answer.TIMED_OUT, Answer.UNREACHABLE}
"""Answers that need no warning where a handshake was once complete: the member has gone, or is about to."""


class Connector:
    """Calls `target` for as long as it is a live member."""

    def __init__(self, target: Neighbour, window: float, board: Switchboard) -> None:
        self.target = target
        self.evidence = ""
        """What is known of its death: empty, CHECKING, UNKNOWN, REFUSED or REPLACED."""
        self._window, self._board = window, board
        self._clock = SystemClock()
        self._address: Address | None = None
        self._proven_at: Address | None = None

    async def keep(self) -> None:
        """Connect, talk, and find out what the end means; until cancelled."""
        pauses = self._pauses()
        link = (await self._attempt()).link
        while True:
            if link is None:
                await self._clock.sleep(next(pauses))
                link = (await self._attempt()).link
                continue
            end, has_settled = await self._talk(link)
            link = None
            if has_settled:
                pauses = self._pauses()
            if end is End.LOST:  # whoever answers only to hang up at once is not asked without a pause
                link = await self._check(0.0 if has_settled else next(pauses))
            elif end is End.BYE:
                await self._clock.sleep(self._board.limits.reconnect_cap)

    async def _talk(self, link: Link) -> tuple[End, bool]:
        """Serve a connection until it ends; return how, and whether it has lived for a while."""
        links, life, began_at = self._board.links, self.target.life, boottime()
        log.info(
            "Wire to member [{node}] is up ({address})",
            node=self.target.node_id,
            address=str(Endpoint(*link.address)),
        )
        if self.evidence:
            self.evidence = ""
            self._board.tell(self._board.events.alive, *life)
        try:
            link.send(
                encode_numbers(Kind.PING, 0, self._board.standing.renew_seq)
            )  # now the listener counts on me
            links.put(links.outgoing, life, link)
            end = await converse(link, life, TO_CONNECTOR, self._board)
        finally:
            link.farewell()
            links.drop(links.outgoing, life, link)
        return end, boottime() - began_at >= self._board.limits.settled

    async def _check(self, pause: float) -> Link | None:
        """Find out whether the process has died; return the new connection if it has not."""
        self.evidence, has_told = "CHECKING", False
        self._board.tell(self._board.events.suspected, *self.target.life)
        await self._clock.sleep(pause)
        suspicion = Suspicion(
            self._proven_at, boottime(), self._window
        )  # its times count from the first question
        while True:
            attempt = await self._attempt()
            verdict = suspicion.note(attempt.answer, self._address, boottime())
            if verdict is Verdict.ALIVE:
                return attempt.link
            if verdict.is_evidence:
                self.evidence = verdict.value
                self._board.tell(self._board.events.evidence, *self.target.life, verdict.value)
                return None
            if not has_told and (suspicion.is_slow or verdict is Verdict.UNKNOWN):
                has_told, self.evidence = True, "UNKNOWN"
                self._board.tell(self._board.events.no_evidence, *self.target.life, attempt.answer.value)
            if verdict is Verdict.UNKNOWN:
                return None
            while (left := suspicion.next_at - boottime()) > 0:  # a loop may wake a little early
                await self._clock.sleep(left)

    async def _attempt(self) -> Attempt:
        """Try to reach the target once; a name is resolved until that succeeds, and then never again."""
        board = self._board
        if self._address is None:
            self._address = await resolve(self.target.endpoint or "", board.limits.connect)
        if self._address is None:
            attempt = Attempt(Answer.UNRESOLVABLE)
        else:
            attempt = await dial(self._address, self.target, board.standing, board.limits)
        if attempt.answer is Answer.WELCOMED:
            self._proven_at = self._address
        else:
            self._complain(attempt)
        return attempt

    def _complain(self, attempt: Attempt) -> None:
        address = self._address or (self.target.endpoint or "", 0)
        node, complaints = self.target.node_id, self._board.complaints
        if attempt.answer is Answer.OTHER_MEMBER and attempt.met is not None:
            complaints.leads_to(address, node, attempt.met.node)
        elif attempt.answer is Answer.REPLACED or (
            self._proven_at is not None and attempt.answer in _EXPECTED_OF_THE_DEAD
        ):
            log.debug("Member [{node}]: {reason}", node=node, reason=attempt.answer.value)
        else:
            complaints.handshake_failed(address, attempt.reason)

    def _pauses(self) -> Iterator[float]:
        return backoff(self._board.limits.reconnect_first, self._board.limits.reconnect_cap)
