"""Answers of back ends that are larger than permitted: they never become a message, or break off."""

from collections.abc import AsyncIterator

from micro_integrator.synapse import Body, Headers, Request, Response, Sender, Stream
from micro_integrator.transports.http.failure import Code, Stage, broken

TOO_LARGE, REASON = 502, "Response Entity Too Large"


class LimitingSender:
    """Sends as another sender does; an answer whose body has more than `most` bytes is replaced by a 502.

    A body whose length nobody has announced breaks off where it passes the limit.
    """

    def __init__(self, sender: Sender, most: int) -> None:
        self._sender, self._most = sender, most

    async def send(self, request: Request) -> Response:
        """Return the response. Raises what the other sender raises."""
        response = await self._sender.send(request)
        body, most = response.body, self._most
        content_type = body.content_type
        if (stream := body.take_stream()) is None:
            return _refused() if len(body.received or b"") > most else response
        if stream.length is not None and stream.length > most:
            stream.abandon()
            return _refused()
        response.body = Body.of_stream(stream if stream.length else _Limited(stream, most), content_type)
        return response


class _Limited:
    """Fulfils `synapse.Stream`."""

    def __init__(self, stream: Stream, most: int) -> None:
        self._stream, self._most = stream, most

    @property
    def length(self) -> int | None:
        return self._stream.length

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._most
        async for piece in self._stream:
            left -= len(piece)
            if left < 0:
                self._stream.abandon()
                text = f"the answer has more than {self._most} bytes"
                raise broken(text, Code.UNUSABLE_ANSWER, Stage.RESPONSE_BODY)
            yield piece

    def abandon(self) -> None:
        self._stream.abandon()


def _refused() -> Response:
    return Response(TOO_LARGE, REASON, Headers(), Body())
