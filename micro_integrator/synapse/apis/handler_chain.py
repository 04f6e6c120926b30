"""The handlers of one API: one after the other on the request, and again, in the same order, on the answer.

    request ──▶ first.handle_request ──▶ second.handle_request ──▶ resource
    answer  ◀── second.handle_response ◀── first.handle_response ◀────┘

Whoever answers, or returns False, is the last one that runs. Requests can come before the handlers are prepared, for an
API is in force a moment earlier: they wait.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from micro_integrator.synapse.apis.api_handler import ON_REQUEST, ON_RESPONSE, ApiHandler
from micro_integrator.synapse.apis.handler_context import AnswerContext, HandlerContext, RequestContext
from micro_integrator.synapse.errors import MediationError
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.message import Headers, Message
from micro_integrator.synapse.ports import ReplyChannel, Stream

if TYPE_CHECKING:
    from micro_integrator.synapse.engine import Engine

Step = tuple[ApiHandler, Callable[[HandlerContext], object]]
"""A handler, and the method of it that is called."""


class HandlerChain:
    """Handlers in their order; made when an API is read."""

    __slots__ = ("_handlers", "_is_ready", "_on_request", "_on_response", "_settled")

    def __init__(self, handlers: Iterable[ApiHandler]) -> None:
        self._handlers = tuple(handlers)
        self._on_request = _steps(self._handlers, ON_REQUEST)
        self._on_response = _steps(self._handlers, ON_RESPONSE)
        self._is_ready = not any(handler.has_to_start for handler in self._handlers)
        self._settled = asyncio.Event()
        """Set when it is known whether the handlers could be prepared."""

    async def let_through(self, message: Message, flow: Flow) -> bool:
        """Show the request to the handlers; False: one of them has ended it.

        Raises what they raise: the sequence `fault` is in place then.
        """
        flow.handlers = flow.graph.last_resort
        if not self._is_ready:
            await self._wait_until_ready()
        reply = flow.reply
        if reply is not None and self._on_response:
            flow.reply = HandledReply(reply, self._on_response, message, flow.engine)
        for handler, method in self._on_request:
            if handler.reads_body:
                await message.body.buffer(message.surroundings.max_payload)
            context = RequestContext(message)
            if not await handler.call(method, context, flow.engine):
                if reply is not None:
                    await _give(context, reply)
                return False
        return True

    async def start(self, engine: "Engine") -> None:
        """Prepare the handlers: their API is in force."""
        for handler in self._handlers:
            await handler.start(engine)
        self._is_ready = True
        self._settled.set()

    async def stop(self, engine: "Engine") -> None:
        """End what `start` began; requests that came before may still be on their way."""
        self._settled.set()
        for handler in self._handlers:
            await handler.stop(engine)

    async def _wait_until_ready(self) -> None:
        await self._settled.wait()
        if not self._is_ready:
            raise MediationError("The handlers of the API could not be prepared")


class HandledReply:
    """A reply channel that shows an answer to the handlers before it is given."""

    __slots__ = ("_channel", "_engine", "_message", "_steps")

    def __init__(
        self, channel: ReplyChannel, steps: tuple[Step, ...], message: Message, engine: "Engine"
    ) -> None:
        self._channel, self._steps, self._message, self._engine = channel, steps, message, engine

    @property
    def is_answered(self) -> bool:
        """Whether an answer has been given."""
        return self._channel.is_answered

    async def reply(
        self, status: int, headers: Headers, body: bytes | Stream, *, reason: str = "", is_last: bool = False
    ) -> None:
        """Answer with what the handlers have made of it. Raises what they raise; then nothing is answered yet."""
        context = AnswerContext(self._message, status, headers, body)
        if not self.is_answered:  # else the channel tells what is wrong
            try:
                is_shown = await self._show(context)
            except BaseException:
                context.abandon()
                raise
            if not is_shown:
                context.abandon()
                await _give(context, self._channel)
                return
        reason = reason if context.status == status else ""
        await self._channel.reply(
            context.status, context.headers, context.content, reason=reason, is_last=is_last
        )

    async def _show(self, context: AnswerContext) -> bool:
        for handler, method in self._steps:
            if handler.reads_body:
                await context.read()
            if not await handler.call(method, context, self._engine):
                return False
        return True


def _steps(handlers: Iterable[ApiHandler], name: str) -> tuple[Step, ...]:
    return tuple((handler, method) for handler in handlers if (method := handler.method(name)) is not None)


async def _give(context: HandlerContext, channel: ReplyChannel) -> None:
    """Answer as a handler has said, if it said anything."""
    if (answer := context.answer) is not None:
        await channel.reply(answer.status, answer.headers, answer.body)
