"""One message on its way: payload, headers, properties, variables, addresses. Made often, so no part is made early."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from micro_integrator.synapse.formats import Xml, soap, understood
from micro_integrator.synapse.message.body import Body
from micro_integrator.synapse.message.headers import Headers
from micro_integrator.synapse.message.properties import Properties, is_yes
from micro_integrator.synapse.surroundings import Surroundings

if TYPE_CHECKING:
    from micro_integrator.tasks import Fire

NOWHERE = Surroundings()
"""For messages that nobody gave anything to see."""


class Entries(Protocol):
    """Where a message looks up what an artifact names by key."""

    def entry(self, key: str) -> object:
        """Return text, an XML element or bytes; None when there is no such entry."""
        ...


class Message:
    """A message; its parts come into being when they are first used."""

    to: str | None = None
    from_: str | None = None
    reply_to: str | None = None
    fault_to: str | None = None
    relates_to: str | None = None
    action: str | None = None
    soap_action: str | None = None
    is_response = False
    is_get = False
    is_plain = False
    """Whether the payload travels without a SOAP envelope (the reference calls it POX)."""
    position = ""
    """Id of the mediator that runs: artifact, then the way to it."""
    failed_at = ""
    """Id of the mediator in which the last error has occurred."""
    fire: "Fire | None" = None
    """The fire of the task that this message is the work of: ask `may_act` before anything irreversible."""
    entries: Entries | None = None
    client_headers: Headers | None = None
    """The headers a client has sent; `headers` is this very object until a response has taken its place."""
    other_scopes: dict[str, dict[str, object]] | None = None
    """Properties of the scopes that few messages have; see `properties`."""
    _id: str | None = None
    _headers: Headers | None = None
    _variables: dict[str, object] | None = None
    _functions: list[Mapping[str, object]] | None = None
    _entries: dict[str, object] | None = None
    # defaults of the class, not values of each message: most messages never touch most of them

    def __init__(self, body: Body | None = None, surroundings: Surroundings = NOWHERE) -> None:
        self.surroundings = surroundings
        self.body = Body() if body is None else body
        self.default: dict[str, object] = {}
        """Properties of the scope default."""
        self.axis2: dict[str, object] = {}
        """Properties of the scope axis2."""

    @property
    def body(self) -> Body:
        """The payload."""
        return self._body

    @body.setter
    def body(self, body: Body) -> None:
        surroundings = self.surroundings
        body.rules, body.formats = surroundings.json_xml, surroundings.formats
        self._body = body

    @property
    def id(self) -> str:
        """MessageID: `urn:uuid:` and a random UUID unless one was given."""
        if self._id is None:
            self._id = f"urn:uuid:{uuid4()}"
        return self._id

    @id.setter
    def id(self, value: str) -> None:
        self._id = value

    def renew_id(self) -> None:
        """Become another message: with a new MessageID, made when somebody asks for it."""
        self._id = None

    @property
    def properties(self) -> Properties:
        """Properties of all scopes."""
        return Properties(self)

    @property
    def headers(self) -> Headers:
        """Transport headers."""
        if self._headers is None:
            self._headers = Headers()
        return self._headers

    @headers.setter
    def headers(self, headers: Headers) -> None:
        self._headers = headers

    @property
    def has_headers(self) -> bool:
        """Whether a transport, or a mediator, gave this message headers."""
        return bool(self._headers)

    def announce(self, media_type: str) -> None:
        """Have the payload written as `media_type`, which is also what its headers say."""
        self.axis2["messageType"] = self.axis2["ContentType"] = media_type
        if self._headers:
            self._headers["Content-Type"] = media_type

    @property
    def variables(self) -> dict[str, object]:
        """Variables by name."""
        if self._variables is None:
            self._variables = {}
        return self._variables

    @property
    def functions(self) -> list[Mapping[str, object]]:
        """Parameters of the templates that are running, the innermost last."""
        if self._functions is None:
            self._functions = []
        return self._functions

    @property
    def goes_back(self) -> bool:
        """Whether this is a response, or a request that is to be taken for one: the property RESPONSE."""
        return self.is_response or is_yes(self.default.get("RESPONSE"))

    @property
    def is_fault(self) -> bool:
        """Whether the payload is a SOAP fault."""
        return isinstance(self.body.content(), Xml) and soap.is_fault(self.body.xml())

    @property
    def is_known_fault(self) -> bool:
        """Whether the payload is a SOAP fault, as far as anybody has looked: bytes that pass through are not read."""
        return self.body.may_hold_fault and self.is_fault

    @property
    def message_format(self) -> str:
        """One of `pox`, `get`, `soap11` and `soap12`."""
        if self.is_get:
            return "get"
        if self.is_plain or self.body.is_bare:
            return "pox"
        return "soap11" if self.body.soap_version == soap.SOAP11 else "soap12"

    def entry(self, key: str) -> object:
        """Return the entry `key` as it was when this message first asked for it, None when there is none."""
        if self._entries is None:
            self._entries = {}
        if key not in self._entries:
            self._entries[key] = self._find_entry(key)
        return self._entries[key]

    def _find_entry(self, key: str) -> object:
        found = None if self.entries is None else self.entries.entry(key)
        if found is None and (resource := self.surroundings.registry.read(key)) is not None:
            return understood(resource)
        return found
