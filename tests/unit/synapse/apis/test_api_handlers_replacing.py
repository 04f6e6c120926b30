"""Handlers that replace a payload which is still arriving: the rest of it is let go."""

import sys
import threading
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from unit.synapse.apis.api_lab import Served, api_text, arrival, resource, served
from unit.synapse.synapse_lab import Pieces

from micro_integrator.synapse import Body, Stream

SENT_BACK = resource("<respond/>")


class OfRequest:
    """Replaces the payload of a request, in a thread."""

    threads: list[int] = []  # noqa: RUF012 - shared on purpose

    def handle_request(self, ctx: Any) -> None:
        self.threads.append(threading.get_ident())
        ctx.body = b"replaced"


class OfAnswer(OfRequest):
    """Replaces the payload of an answer, in a thread."""

    handle_request = None  # type: ignore[assignment]

    def handle_response(self, ctx: Any) -> None:
        super().handle_request(ctx)


class Failing(OfRequest):
    """Replaces the payload of a request, and then fails."""

    def handle_request(self, ctx: Any) -> None:
        super().handle_request(ctx)
        raise ValueError("no handler today")


@dataclass
class Watched(Pieces):
    """Remembers the threads in which it was let go."""

    threads: list[int] = field(default_factory=list)

    def abandon(self) -> None:
        self.threads.append(threading.get_ident())


@pytest.fixture(autouse=True)
def user_module() -> Iterator[None]:
    module = types.ModuleType("users_handlers")
    for cls in (OfRequest, OfAnswer, Failing):
        setattr(module, cls.__name__, cls)
    sys.modules["users_handlers"] = module
    OfRequest.threads.clear()
    yield
    del sys.modules["users_handlers"]


@pytest.mark.parametrize("name", ["OfRequest", "OfAnswer"])
async def test_what_a_handler_in_a_thread_replaces_is_let_go_on_the_event_loop(name: str) -> None:
    stream = Watched([b"a"])
    found = await handled_by(name, stream)
    assert found.answer.body == b"replaced"
    assert stream.threads == [threading.get_ident()]
    assert OfRequest.threads != stream.threads


async def test_what_a_handler_replaces_is_let_go_even_when_the_handler_fails() -> None:
    stream = Watched([b"a"])
    found = await handled_by("Failing", stream)
    assert str(found.error) == "no handler today"
    assert stream.threads == [threading.get_ident()]


async def handled_by(name: str, stream: Stream) -> Served:
    """Send back a request whose payload is still arriving, past a handler."""
    handler = f'<handlers><handler class="users_handlers:{name}"/></handlers>'
    body = Body.of_stream(stream, "text/plain")
    headers = {"Content-Type": "text/plain"}
    return await served(arrival("/orders", "POST", headers, body=body), api_text(handler + SENT_BACK))
