"""The body of a request that is still on its way to us is sent as it arrives."""

import asyncio

from micro_integrator.synapse import FormatError, MediationError, Stream
from micro_integrator.transports.http.chunks import LAST_CHUNK, chunk
from micro_integrator.transports.http.client.connection import Answer, Connection


async def upload(stream: Stream, connection: Connection, waiter: asyncio.Future[Answer]) -> None:
    """Write all of `stream` on `connection`; what goes wrong with it ends the exchange of `waiter`."""
    try:
        if stream.length is None:
            await _chunked(stream, connection)
        else:
            await _counted(stream, connection, stream.length)
    except Exception as error:  # whatever it is, somebody waits for the answer to this request
        # not the back end's fault, so not one of the errors that an endpoint is judged by
        code = error.code if isinstance(error, MediationError) else None
        reason = FormatError(f"The payload to be sent broke off: {error}", code=code)
        connection.break_off(waiter, reason)


async def _chunked(stream: Stream, connection: Connection) -> None:
    async for piece in stream:
        if piece and (room := connection.write(*chunk(piece))) is not None:
            await room
    connection.write(LAST_CHUNK)
    connection.end_upload()


async def _counted(stream: Stream, connection: Connection, left: int) -> None:
    async for piece in stream:
        left -= len(piece)
        if left < 0:
            break
        if not left:
            connection.end_upload()  # first: the back end may answer as soon as it has the last byte
        if (room := connection.write(piece)) is not None:
            await room
    if left:
        raise FormatError("it is not as long as was announced")
