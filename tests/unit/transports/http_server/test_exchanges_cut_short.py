"""Exchanges that end before their request was served, and connections that could end before their answer is taken."""

import asyncio

import pytest
from unit.transports.http_server.wire_lab import Wire, connected, passes, terms_for

from micro_integrator.synapse import Arrival, Headers, ReplyChannel

GET = b"GET /orders/7 HTTP/1.1\r\nHost: esb.example\r\n\r\n"
BEGUN_UPLOAD = b"POST /orders HTTP/1.1\r\nHost: esb.example\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"


@pytest.mark.parametrize("request_bytes", [GET, BEGUN_UPLOAD], ids=["whole", "still-arriving"])
async def test_a_client_that_leaves_before_its_request_is_looked_at_leaves_nothing_behind(
    request_bytes: bytes,
) -> None:
    served: list[Arrival] = []

    async def serve(arrival: Arrival, _reply: ReplyChannel) -> None:
        served.append(arrival)

    terms = terms_for(serve)
    connection = connected(terms, Wire())
    connection.data_received(request_bytes)
    connection.connection_lost(None)
    await passes()
    assert (served, terms.exchanges, terms.connections) == ([], set(), set())


async def test_a_connection_is_in_use_until_the_client_has_taken_its_answer() -> None:
    async def serve(_arrival: Arrival, reply: ReplyChannel) -> None:
        await reply.reply(200, Headers(), b"all of it")

    wire = Wire()
    connection = connected(terms_for(serve), wire)
    connection.data_received(GET)
    await passes()
    long_after = asyncio.get_running_loop().time() + 60
    wire.unsent = 9
    assert connection.is_in_use(long_after)
    wire.unsent = 0
    assert not connection.is_in_use(long_after)
    connection.connection_lost(None)
    assert not connection.is_in_use(long_after)
