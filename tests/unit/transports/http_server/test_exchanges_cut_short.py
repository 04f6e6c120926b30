"""Exchanges that end before their request was served."""

import pytest
from unit.transports.http_server.wire_lab import Wire, connected, passes, terms_for

from micro_integrator.synapse import Arrival, ReplyChannel

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
