"""What a handler of an API sees: a request before a resource is looked for, or the answer before it goes out."""

from collections.abc import Mapping
from dataclasses import dataclass

from micro_integrator.observability import get_logger
from micro_integrator.synapse.errors import FormatError
from micro_integrator.synapse.message import Body, Headers, Message, Properties
from micro_integrator.synapse.ports import Stream

log = get_logger("ApiHandler")

_PLAIN = "text/plain; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler has answered by itself."""

    status: int
    headers: Headers
    body: bytes


class HandlerContext:
    """What requests and answers have in common."""

    log = log

    def __init__(self, message: Message, headers: Headers) -> None:
        self._message = message
        self.headers = headers
        """Of the request or the answer; a mapping in which upper and lower case are the same."""
        self.answer: Answer | None = None
        """What `respond` was called with."""
        self._replaced: list[Stream] = []

    @property
    def properties(self) -> Properties:
        """`get(name, scope="default")`, `set(name, value, scope="default")` and `remove(name, scope="default")`."""
        return self._message.properties

    @property
    def variables(self) -> dict[str, object]:
        """Variables by name."""
        return self._message.variables

    def let_go(self) -> None:
        """Say that nobody will read what was replaced; on the event loop, where a method of the user need not run."""
        while self._replaced:
            self._replaced.pop().abandon()

    def respond(self, status: int, body: str | bytes = b"", headers: Mapping[str, str] | None = None) -> None:
        """Answer the client when this method has returned; no further handler, and no resource, runs."""
        fields = Headers(list((headers or {}).items()))
        if body and "content-type" not in fields:
            fields["Content-Type"] = _PLAIN
        self.answer = Answer(status, fields, body.encode() if isinstance(body, str) else body)


class RequestContext(HandlerContext):
    """A request; what is set here is what its resource finds."""

    def __init__(self, message: Message) -> None:
        super().__init__(message, message.headers)

    @property
    def method(self) -> str:
        """GET, POST and so on."""
        return str(self._message.default["REST_METHOD"])

    @property
    def path(self) -> str:
        """Path and query as they were sent."""
        return str(self._message.default["REST_FULL_REQUEST_PATH"])

    @property
    def body(self) -> bytes:
        """The bytes of the payload. Raises FormatError when they are still on their way."""
        body = self._message.body
        if body.is_unread:
            raise _not_read()
        return body.received or b""

    @body.setter
    def body(self, body: bytes) -> None:
        message = self._message
        content_type = message.headers.get("content-type") or message.body.content_type
        if (stream := message.body.take_stream()) is not None:
            self._replaced.append(stream)
        message.body = Body.of_bytes(body, content_type)
        message.axis2.pop("NO_ENTITY_BODY", None)


class AnswerContext(HandlerContext):
    """An answer; it goes out as the handlers leave it."""

    def __init__(self, message: Message, status: int, headers: Headers, body: bytes | Stream) -> None:
        super().__init__(message, headers)
        self.status = status
        self.content = body
        """The payload, or what is still to come of it."""

    @property
    def body(self) -> bytes:
        """The bytes of the payload. Raises FormatError when they are still on their way."""
        if not isinstance(self.content, bytes):
            raise _not_read()
        return self.content

    @body.setter
    def body(self, body: bytes) -> None:
        if not isinstance(self.content, bytes):
            self._replaced.append(self.content)
        self.content = body

    async def read(self) -> None:
        """Wait for the whole payload. Raises FormatError when it is larger than a payload may be."""
        if isinstance(self.content, bytes):
            return
        body = Body.of_stream(self.content, "")
        await body.buffer(self._message.surroundings.max_payload)
        self.content = body.received or b""

    def abandon(self) -> None:
        """Say that nobody will read what is still to come."""
        if not isinstance(self.content, bytes):
            self.content.abandon()


def _not_read() -> FormatError:
    return FormatError(
        "The payload has not been read: a handler that needs it says so with reads_body = True"
    )
