"""What an expression needs to know of a message, and nothing more."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from lxml import etree


class TargetBody(Protocol):
    """The body in the form that is asked for; each view is built when it is first needed."""

    @property
    def is_json(self) -> bool:
        """True when JSON is the body's own form."""
        ...

    @property
    def is_empty(self) -> bool:
        """True when there is no payload at all."""
        ...

    def xml(self) -> etree._Element | None:
        """The payload element."""
        ...

    def envelope(self) -> etree._Element:
        """The SOAP envelope around the payload, the root of its document."""
        ...

    def json(self) -> object:
        """The payload as dict, list, str, int, Decimal, bool or None. Raises what the format room raises."""
        ...

    def json_text(self) -> str:
        """The JSON text of the payload, unchanged when it arrived as JSON."""
        ...


class TargetProperties(Protocol):
    """Properties of all scopes; None for one that is not set."""

    def get(self, name: str, scope: str = "default") -> object:
        """The value of `name` in `scope`."""
        ...


class TargetHeaders(Protocol):
    """Transport headers; names are compared without case."""

    def get(self, name: str) -> str | None:
        """The value of a header."""
        ...


class EvaluationTarget(Protocol):
    """The message an expression is evaluated on."""

    @property
    def body(self) -> TargetBody: ...

    @property
    def properties(self) -> TargetProperties: ...

    @property
    def headers(self) -> TargetHeaders: ...

    @property
    def variables(self) -> Mapping[str, object]: ...

    @property
    def functions(self) -> Sequence[Mapping[str, object]]:
        """Parameters of the templates that are running, the innermost last."""
        ...

    @property
    def position(self) -> str:
        """Where the expression stands: artifact and mediator; empty when nobody knows."""
        ...

    @property
    def to(self) -> str | None: ...

    @property
    def from_(self) -> str | None: ...

    @property
    def reply_to(self) -> str | None: ...

    @property
    def fault_to(self) -> str | None: ...

    @property
    def action(self) -> str | None: ...

    @property
    def relates_to(self) -> str | None: ...

    @property
    def id(self) -> str | None: ...

    @property
    def is_fault(self) -> bool: ...

    @property
    def message_format(self) -> str:
        """One of `pox`, `get`, `soap11` and `soap12`."""
        ...

    def entry(self, key: str) -> object:
        """The local entry or registry resource `key`, None when there is none."""
        ...
