"""Connections of clients whose stages are told in the correlation log; without that log there are none of these."""

from collections.abc import Iterator

from micro_integrator.synapse import Body
from micro_integrator.transports.http.failure import Stage
from micro_integrator.transports.http.server.arriving import ArrivingBody
from micro_integrator.transports.http.server.connection import ServerConnection
from micro_integrator.transports.http.server.door import Door
from micro_integrator.transports.http.server.exchange import Exchange
from micro_integrator.transports.http.server.request_head import RequestHead
from micro_integrator.transports.http.server.terms import Terms
from micro_integrator.transports.http.stages import Stages


class ToldServerConnection(ServerConnection):
    """Does what the others do, and tells how far it has come."""

    __slots__ = ("_stages",)

    def __init__(self, numbers: Iterator[int], terms: Terms, door: Door) -> None:
        """`numbers` tell the connections of one listener apart."""
        super().__init__(terms, door)
        self._stages = Stages(f"{door.scheme}-incoming-{next(numbers)}")

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has gone."""
        super().connection_lost(exc)
        self._stages.come_to(Stage.CLOSED)

    def send(self, data: bytes, body: bytes = b"") -> None:
        """Write; what an exchange writes first is the head of its answer."""
        if self._exchange is not None:
            has_head = self._stages.stage >= Stage.RESPONSE_HEAD
            self._stages.come_to(Stage.RESPONSE_BODY if has_head else Stage.RESPONSE_HEAD)
        super().send(data, body)

    def answered(self, exchange: Exchange, *, keeps_alive: bool) -> None:
        """End the current exchange."""
        if exchange is self._exchange:
            self._stages.come_to(Stage.RESPONSE_DONE)
        super().answered(exchange, keeps_alive=keeps_alive)

    def _begin(self, head: RequestHead, body: Body, early: bytes) -> None:
        super()._begin(head, body, early)
        if self._exchange is not None:
            self._stages.begin(head.method, head.target, self._exchange.correlation_id)
            self._stages.come_to(Stage.REQUEST_DONE if self.has_whole_request else Stage.REQUEST_BODY)

    def _stream(self, arriving: ArrivingBody, data: bytes) -> None:
        super()._stream(arriving, data)
        if self.has_whole_request:
            self._stages.come_to(Stage.REQUEST_DONE)
