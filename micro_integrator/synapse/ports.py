"""What the engine needs from other rooms: somebody who sends, a registry, and a place for tasks."""

from collections.abc import Callable, Mapping
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


@dataclass(slots=True)
class Request:
    """What a sender is to put on the wire."""

    method: str
    url: str
    headers: "Headers"
    body: bytes | None = None
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


class Sender(Protocol):
    """The client side of a protocol."""

    async def send(self, request: Request) -> Response:
        """Return the response, whatever its status. Raises EndpointError when there is none."""
        ...


class ReplyChannel(Protocol):
    """The way back to whoever sent a message in."""

    async def reply(self, status: int, headers: "Headers", body: bytes) -> None:
        """Answer; a second answer is ignored with a warning."""
        ...


class Tasks(Protocol):
    """Where scheduled tasks are run."""

    def add(self, task: "Task") -> None:
        """Begin to run `task`; an older definition of the same name is replaced."""
        ...

    def remove(self, name: str) -> None:
        """Run no further occurrence of the task."""
        ...
