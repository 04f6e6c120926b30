"""A sender with settings of a test's choice, and requests without ceremony."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from micro_integrator.config import HttpTransportSettings
from micro_integrator.kit import Clock
from micro_integrator.synapse import Headers, Message, Request, Response, Stream, written
from micro_integrator.transports import HttpSender

MAX_BODY = 1024 * 1024


@asynccontextmanager
async def sender(
    home: Path = Path(),
    max_body: int = MAX_BODY,
    clock: Clock | None = None,
    tells_stages: bool = False,
    **settings: Any,
) -> AsyncIterator[HttpSender]:
    """Durations are seconds, as in the program."""
    made = HttpSender(
        HttpTransportSettings(**settings), home, max_body=max_body, clock=clock, tells_stages=tells_stages
    )
    async with made:
        yield made


def request(
    url: str,
    method: str = "GET",
    body: bytes | Stream | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    time_limit: float = 10.0,
    is_static: bool = False,
    before_sending: Callable[[], None] | None = None,
    **options: Any,
) -> Request:
    fields = Headers((headers or {}).items())
    return Request(method, url, fields, body, time_limit, options, is_static, before_sending)


async def body_of(response: Response) -> bytes:
    """The bytes of a body, when all of them are here."""
    await response.body.buffer()
    return written(Message(response.body))[0]
