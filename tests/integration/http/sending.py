"""A sender with settings of a test's choice, and requests without ceremony."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from micro_integrator.config import HttpTransportSettings
from micro_integrator.synapse import Headers, Request
from micro_integrator.transports import HttpSender

MAX_BODY = 1024 * 1024


@asynccontextmanager
async def sender(home: Path = Path(), max_body: int = MAX_BODY, **settings: Any) -> AsyncIterator[HttpSender]:
    """Durations are seconds, as in the program."""
    async with HttpSender(HttpTransportSettings(**settings), home, max_body=max_body) as made:
        yield made


def request(
    url: str,
    method: str = "GET",
    body: bytes | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    time_limit: float = 10.0,
    is_static: bool = False,
    before_sending: Callable[[], None] | None = None,
    **options: Any,
) -> Request:
    fields = Headers((headers or {}).items())
    return Request(method, url, fields, body, time_limit, options, is_static, before_sending)
