"""Answers that are larger than permitted."""

import pytest
from harness.back_end import Backend, Conversation
from integration.http.sending import request, sender

from micro_integrator.synapse import EndpointError, Response
from micro_integrator.transports import LimitingSender

MOST = 100_000


async def answer_of(body: bytes, *, in_chunks: bool) -> tuple[Response, bytes | EndpointError]:
    """Return what becomes of an answer with this body, and its bytes or what went wrong with them."""

    async def script(talk: Conversation) -> None:
        await talk.request()
        if in_chunks:
            await talk.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for at in range(0, len(body), 1000):
                await talk.send(b"3e8\r\n" + body[at : at + 1000] + b"\r\n")
            await talk.send(b"0\r\n\r\n")
        else:
            await talk.answer(body)
        await talk.gone()

    async with Backend(script) as backend, sender() as http:
        response = await LimitingSender(http, MOST).send(request(backend.url))
        try:
            await response.body.buffer(100 * MOST)
        except EndpointError as error:
            return response, error
        return response, response.body.received or b""


@pytest.mark.parametrize("in_chunks", [False, True], ids=["counted", "in-chunks"])
@pytest.mark.parametrize("size", [0, 1000, MOST])
async def test_an_answer_that_fits_is_passed_on(size: int, in_chunks: bool) -> None:
    response, found = await answer_of(bytes(size), in_chunks=in_chunks)
    assert (response.status, found) == (200, bytes(size))


@pytest.mark.parametrize("size", [MOST + 1000, 40 * MOST])
async def test_an_answer_that_announces_too_much_becomes_a_502(size: int) -> None:
    response, found = await answer_of(bytes(size), in_chunks=False)
    assert (response.status, response.reason, found) == (502, "Response Entity Too Large", b"")


async def test_an_answer_that_turns_out_too_large_breaks_off() -> None:
    response, found = await answer_of(bytes(40 * MOST), in_chunks=True)
    assert response.status == 200
    assert isinstance(found, EndpointError)
    assert found.code == 101510
    assert "more than 100000 bytes" in str(found)
