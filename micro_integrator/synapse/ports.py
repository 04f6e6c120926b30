"""What the engine needs from other rooms: who sends, who listens, a registry, and a place for tasks."""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # messages know the registry, so this file cannot need them in earnest
    from micro_integrator.synapse.message import Body, Headers
    from micro_integrator.tasks import Task


class Registry(Protocol):
    """Resources by key, as files below one root."""

    def read(self, key: str) -> bytes | None:
        """Return the content of `key`, None when there is none."""
        ...

    def write(self, key: str, content: bytes) -> None:
        """Replace or create the content of `key`."""
        ...

    def property(self, key: str, name: str) -> str | None:
        """Return a property of the resource `key`."""
        ...

    def set_property(self, key: str, name: str, value: str) -> None:
        """Set a property of the resource `key`, whose content becomes empty."""
        ...


class NoRegistry:
    """A registry without resources, which accepts none."""

    def read(self, key: str) -> bytes | None:
        """Return None: nothing is here."""
        return None

    def write(self, key: str, content: bytes) -> None:
        """Refuse."""
        raise LookupError(f"there is no registry to keep '{key}' in")

    def property(self, key: str, name: str) -> str | None:
        """Return None: nothing is here."""
        return None

    def set_property(self, key: str, name: str, value: str) -> None:
        """Refuse."""
        raise LookupError(f"there is no registry to keep '{key}@{name}' in")


class Stream(Protocol):
    """The bytes of a body while they arrive; iterated once. Whoever reads slowly slows down whoever sends."""

    @property
    def length(self) -> int | None:
        """How many bytes there will be, None when that was not announced."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Iterate over the pieces. Raises EndpointError or FormatError when the rest will not come."""
        ...

    def abandon(self) -> None:
        """Say that nobody will read the rest; harmless after the end."""
        ...


@dataclass(slots=True)
class Request:
    """What a sender is to put on the wire."""

    method: str
    url: str
    headers: "Headers"
    body: bytes | Stream | None = None
    time_limit: float = 120.0
    """Seconds until the response head must be here."""
    options: Mapping[str, object] = field(default_factory=dict)
    """Properties of the scope axis2 that steer the transport, for example NO_KEEPALIVE."""
    is_static: bool = False
    """Whether the URL's host is literal text of an artifact; any other may not lead to guarded addresses."""
    before_sending: Callable[[], None] | None = None
    """Called right before bytes are written; raises when they must not be."""


@dataclass(slots=True)
class Response:
    """What came back."""

    status: int
    reason: str
    headers: "Headers"
    body: "Body"
    location: str | None = None
    """Location as the back end wrote it, where `headers` have one that leads to us."""


class Sender(Protocol):
    """The client side of a protocol."""

    async def send(self, request: Request) -> Response:
        """Return the response, whatever its status. Raises EndpointError when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """Who a client has proved to be."""

    pem: str
    subject: str
    """A name such as `CN=orders,O=Shop`."""
    issuer: str
    serial_number: str
    """In hexadecimal."""


@dataclass(slots=True)
class Arrival:
    """An HTTP request as a listener has taken it in; its body may still be on the way."""

    method: str
    target: str
    """Path and query as received."""
    headers: "Headers"
    """They belong to whoever serves the request, who may change them."""
    body: "Body"
    scheme: str
    """`http` or `https`."""
    host: str
    """The header Host, without a port; the name of this node when there is none."""
    port: int
    """Of the listener."""
    remote: str
    """Address of the client."""
    correlation_id: str
    certificate: ClientCertificate | None = None


class ReplyChannel(Protocol):
    """The way back to whoever sent a message in."""

    @property
    def is_answered(self) -> bool:
        """Whether an answer has been given."""
        ...

    async def reply(
        self,
        status: int,
        headers: "Headers",
        body: bytes | Stream,
        *,
        reason: str = "",
        is_last: bool = False,
    ) -> None:
        """Answer, and return when everything is on its way; a second answer is ignored with a warning.

        `reason` is the phrase behind the status; empty means the usual one. `is_last`: the connection ends with it.
        """
        ...


class Tasks(Protocol):
    """Where scheduled tasks are run."""

    def add(self, task: "Task") -> None:
        """Begin to run `task`; an older definition of the same name is replaced."""
        ...

    def remove(self, name: str) -> None:
        """Run no further occurrence of the task."""
        ...
