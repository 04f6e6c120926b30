"""One connection to a back end: a socket on which exchanges follow each other, never two at a time."""

import asyncio
import select
from collections.abc import Callable, Sequence
from typing import cast

from micro_integrator.transports.http.answer import Answer, NotHttp, Unusable
from micro_integrator.transports.http.failure import Code, HttpError, Stage, broken
from micro_integrator.transports.http.guarded import is_guarded
from micro_integrator.transports.http.target import Route


class Connection(asyncio.Protocol):
    """Writes a request and resolves a future with the answer; whatever goes wrong closes the socket."""

    def __init__(self, route: Route, *, silence: float, max_body: int) -> None:
        self.route = route
        self.exchanges = 0
        """How many requests were meant to be written here."""
        self.expires_at = 0.0
        """When the connection is not taken out of the pool any more; the pool's affair."""
        self.leads_to_guarded = False
        """Whether the other end is an address that messages may not choose."""
        self._silence, self._max_body = silence, max_body
        self._lost: Callable[[Connection], None] | None = None
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._answer: Answer | None = None
        self._waiter: asyncio.Future[Answer] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._deadline = self._heard_at = 0.0
        self._is_sending = False
        self._unsent = 0
        self._readable = select.poll()

    # ---- exchanges -----------------------------------------------------------------------------------------------

    def exchange(self, parts: Sequence[bytes], *, is_head: bool, deadline: float) -> asyncio.Future[Answer]:
        """Write a request; the future holds the answer, or HttpError after which the connection is closed.

        `deadline` is a time of the running loop's clock. Whoever does not wait to the end calls `abort`.
        """
        loop, transport = self._loop, self._transport
        self._waiter = waiter = loop.create_future()
        self._answer = Answer(is_head=is_head, max_body=self._max_body)
        self.exchanges += 1
        if transport is None:
            self._fail(broken(f"{self.route} had closed the connection", Code.CLOSED, Stage.REQUEST_READY))
            return waiter
        self._deadline, self._heard_at = deadline, loop.time()
        self._timer = loop.call_at(min(deadline, self._heard_at + self._silence), self._look_at_the_time)
        if len(parts) == 1:
            transport.write(parts[0])
        else:
            transport.writelines(parts)
        self._unsent = transport.get_write_buffer_size()
        return waiter

    def watch(self, lost: Callable[["Connection"], None]) -> None:
        """Call `lost` once when the socket is closed; now, if it is already."""
        if self._transport is None:
            lost(self)
        else:
            self._lost = lost

    @property
    def is_open(self) -> bool:
        """Whether an exchange can begin: the back end has neither closed nor said anything since the last one."""
        # asks the socket itself: the end of file may have arrived without the loop having told us yet
        transport = self._transport
        return transport is not None and not transport.is_closing() and not self._readable.poll(0)

    @property
    def is_lost(self) -> bool:
        """Whether the socket is closed and has been reported so."""
        return self._transport is None

    def abort(self) -> None:
        """Close at once; an answer that is still awaited will not come."""
        self._end_exchange()
        if self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """Close in an orderly way: nothing is awaited here."""
        if self._transport is not None:
            self._transport.close()

    # ---- what the loop calls back --------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(1, 0)  # so that we hear when everything is sent
        peer = transport.get_extra_info("peername")
        self.leads_to_guarded = isinstance(peer, tuple) and is_guarded(str(peer[0]))
        self._readable.register(transport.get_extra_info("socket").fileno(), select.POLLIN | select.POLLRDHUP)

    def data_received(self, data: bytes) -> None:
        """Take bytes of the answer; without a request in progress they end the connection."""
        answer = self._answer
        if answer is None:
            self.abort()
            return
        self._heard_at = self._loop.time()
        try:
            answer.read(data)
        except NotHttp as error:
            self._fail(broken(f"{self.route} does not answer in HTTP: {error}", Code.NOT_HTTP, self._stage()))
            return
        except Unusable as error:
            text = f"the answer of {self.route} is refused: {error}"
            self._fail(broken(text, Code.UNUSABLE_ANSWER, self._stage()))
            return
        if answer.is_complete:
            self._succeed(answer)

    def pause_writing(self) -> None:
        """A part of the request waits to be sent."""
        self._is_sending = True

    def resume_writing(self) -> None:
        """The whole request is sent."""
        self._is_sending, self._heard_at = False, self._loop.time()

    def eof_received(self) -> bool:
        """Nothing will follow: close our half too."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed, by whomever."""
        answer, self._transport = self._answer, None
        if answer is not None:
            if exc is None and answer.end():
                self._succeed(answer)
            else:
                self._fail(self._closed(exc))
        if self._lost is not None:
            self._lost(self)

    # ---- how an exchange ends ------------------------------------------------------------------------------------

    def _succeed(self, answer: Answer) -> None:
        if self._is_sending:
            # answered before it had heard everything: the rest is not worth sending
            answer.keeps_alive = False
        waiter = self._waiter
        self._end_exchange()
        if waiter is not None and not waiter.done():
            waiter.set_result(answer)

    def _fail(self, error: HttpError) -> None:
        waiter = self._waiter
        self.abort()
        if waiter is not None and not waiter.done():
            waiter.set_exception(error)

    def _end_exchange(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._waiter = self._answer = None

    def _closed(self, cause: Exception | None) -> HttpError:
        stage = self._stage()
        if stage is Stage.REQUEST_BODY:
            return broken(
                f"{self.route} closed the connection while the request was sent", Code.SENDING_FAILED, stage
            )
        how = "reset" if cause is not None else "closed"
        when = "before it had answered" if stage is Stage.REQUEST_DONE else "in the middle of its answer"
        return broken(f"{self.route} {how} the connection {when}", Code.CLOSED, stage)

    def _stage(self) -> Stage:
        answer = self._answer
        if answer is not None and answer.has_begun:
            return Stage.RESPONSE_BODY if answer.has_head else Stage.RESPONSE_HEAD
        return Stage.REQUEST_BODY if self._is_sending else Stage.REQUEST_DONE

    def _look_at_the_time(self) -> None:
        now, transport = self._loop.time(), self._transport
        if transport is not None and (unsent := transport.get_write_buffer_size()) < self._unsent:
            self._heard_at, self._unsent = now, unsent  # it takes what we send, so it is not silent
        if now >= self._deadline:
            self._fail(HttpError("Send timeout", Code.TIMED_OUT, self._stage()))
        elif now >= self._heard_at + self._silence:
            text = f"{self.route} was silent for {self._silence:g} s"
            self._fail(broken(text, Code.TIMED_OUT, self._stage()))
        else:
            limit = min(self._deadline, self._heard_at + self._silence)
            self._timer = self._loop.call_at(limit, self._look_at_the_time)
