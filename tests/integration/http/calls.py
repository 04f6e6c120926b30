"""Flows that call a real back end."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from integration.http.sending import sender
from unit.synapse.synapse_lab import Trial, engine_with, sequence

from micro_integrator.synapse import Body, Engine, Entry, Message, ReplyChannel, Surroundings
from micro_integrator.tasks import Fire


@asynccontextmanager
async def engine(
    *artifacts: str, surroundings: Surroundings | None = None, **settings: Any
) -> AsyncIterator[Engine]:
    """An engine that can send; settings are those of the sender."""
    async with sender(**settings) as http, engine_with(*artifacts, surroundings=surroundings) as made:
        made.senders.update({"http": http, "https": http})
        yield made


async def called(
    mediators: str,
    body: Body | None = None,
    *,
    others: Iterable[str] = (),
    properties: Mapping[str, object] | None = None,
    axis2: Mapping[str, object] | None = None,
    to: str | None = None,
    fire: Fire | None = None,
    reply: ReplyChannel | None = None,
    surroundings: Surroundings | None = None,
    **settings: Any,
) -> Trial:
    """Run mediators on a message and return what became of it."""
    async with engine(sequence(mediators), *others, surroundings=surroundings, **settings) as running:
        message: Message = running.message(body)
        message.to, message.fire = to, fire
        message.default.update(properties or {})
        message.properties.scope("axis2").update(axis2 or {})
        return Trial(message, await running.inject(Entry("tried"), message, reply=reply))


def call(endpoint: str, inside: str = "", attributes: str = "") -> str:
    return f"<call {attributes}><endpoint>{endpoint}</endpoint>{inside}</call>"


def http(url: str, inside: str = "", method: str = "get") -> str:
    return f'<http method="{method}" uri-template="{url}">{inside}</http>'


def address(url: str, inside: str = "", attributes: str = "") -> str:
    return f'<address uri="{url}" {attributes}>{inside}</address>'
