"""Connections to back ends whose stages are told in the correlation log; without that log there are none of these."""

import asyncio
from collections.abc import Iterator, Sequence

from micro_integrator.transports.http.client.answer_head import AnswerHead
from micro_integrator.transports.http.client.connection import Answer, Connection
from micro_integrator.transports.http.client.target import Route
from micro_integrator.transports.http.failure import Stage
from micro_integrator.transports.http.limits import EMPTY_LINE
from micro_integrator.transports.http.outbox import Outbox
from micro_integrator.transports.http.stages import Stages


class ToldConnection(Connection):
    """Does what the others do, and tells how far it has come."""

    __slots__ = ("_correlation", "_stages")

    def __init__(
        self,
        numbers: Iterator[int],
        correlation_header: str,
        route: Route,
        *,
        silence: float,
        loop: asyncio.AbstractEventLoop,
        outbox: Outbox,
    ) -> None:
        """`numbers` tell the connections of one sender apart; `correlation_header` is where requests have their id."""
        super().__init__(route, silence=silence, loop=loop, outbox=outbox)
        self._correlation = f"{correlation_header.lower()}: "
        self._stages = Stages(f"{route.scheme}-outgoing-{next(numbers)}")

    def exchange(
        self, parts: Sequence[bytes], deadline: float, *, is_bodiless: bool, is_last: bool, is_whole: bool
    ) -> asyncio.Future[Answer]:
        """Write a request; see `Connection`."""
        self._stages.begin(*self._asked(parts[0]))
        waiter = super().exchange(
            parts, deadline, is_bodiless=is_bodiless, is_last=is_last, is_whole=is_whole
        )
        if not waiter.done() and not self._held:
            self._stages.come_to(Stage.REQUEST_DONE if is_whole else Stage.REQUEST_BODY)
        return waiter

    def flush(self) -> None:
        """Write what is held back; see `Connection`."""
        was_held = bool(self._held)
        super().flush()
        if was_held and not self._held and self._waiter is not None:
            self._stages.come_to(Stage.REQUEST_DONE)

    def end_upload(self) -> None:
        """The body is written to its last byte."""
        super().end_upload()
        self._stages.come_to(Stage.REQUEST_DONE)

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed."""
        super().connection_lost(exc)
        self._stages.come_to(Stage.CLOSED)

    def _answer(self, waiter: asyncio.Future[Answer], answer: Answer, has_surplus: bool) -> None:
        self._stages.come_to(Stage.RESPONSE_HEAD)
        super()._answer(waiter, answer, has_surplus)

    def _begin_body(
        self, waiter: asyncio.Future[Answer], head: AnswerHead, length: int | None, data: bytes
    ) -> None:
        self._stages.come_to(Stage.RESPONSE_HEAD)
        super()._begin_body(waiter, head, length, data)
        if self._incoming is not None:
            self._stages.come_to(Stage.RESPONSE_BODY)

    def _finish(self, has_surplus: bool) -> None:
        self._stages.come_to(Stage.RESPONSE_DONE)
        super()._finish(has_surplus)

    def _asked(self, head: bytes) -> tuple[str, str, str]:
        """Return method, URL and correlation id of a request as it is written."""
        first, *lines = head.partition(EMPTY_LINE)[0].decode("latin-1").split("\r\n")
        method, target, _ = first.split(" ")
        url = target if "://" in target else f"{self.route}{target}"
        start = self._correlation
        found = (line[len(start) :] for line in lines if line[: len(start)].lower() == start)
        return method, url, next(found, "")
