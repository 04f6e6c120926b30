"""Properties of a message by scope: where each is kept, who may write it, and what a write brings along.

| scope | kept in | write |
|---|---|---|
| default, axis2, axis2-client | this message | yes |
| transport | the message's headers | yes, as text |
| operation | shared by request and response of one exchange | yes |
| system | the process | only with [mediation] allow_system_property_write |
| registry | resource `path`, or its property `path@name` | both; a property clears the content |
| env, file | environment, properties file | no |
| func | parameters of the innermost template | no |
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from micro_integrator.kit import MicroIntegratorError
from micro_integrator.observability import get_logger
from micro_integrator.synapse.errors import MediationError
from micro_integrator.synapse.formats import DEFAULT_CHARSET, named_charset

if TYPE_CHECKING:
    from micro_integrator.synapse.message.message import Message

log = get_logger("Properties")

HEADERS_PROPERTY = "TRANSPORT_HEADERS"
"""The axis2 property that stands for all headers."""
CHARSET_PROPERTY = "CHARACTER_SET_ENCODING"
"""The axis2 property that chooses a charset; until somebody does, it says which one the payload is in."""
SPACES_PROPERTY = "PRESERVE_SPACES"
"""Keeps text that is nothing but white space when XML becomes JSON; of the scopes default and axis2."""


class Properties:
    """The properties of one message by scope: a view, made when somebody asks; the message keeps the mappings.

    Those who know the scope use `message.default` and `message.axis2`.
    """

    __slots__ = ("_message",)

    def __init__(self, message: "Message") -> None:
        self._message = message

    def scope(self, name: str) -> dict[str, object]:
        """Return the mapping of one of the scopes that a message keeps itself."""
        message = self._message
        if name == "default":
            return message.default
        if name == "axis2":
            return message.axis2
        if message.other_scopes is None:
            message.other_scopes = {}
        return message.other_scopes.setdefault(name, {})

    def get(self, name: str, scope: str = "default") -> object:
        """Return a property, None when it is not set or the scope is unknown."""
        message = self._message
        if scope == "default":
            return message.default.get(name)
        if scope == "axis2":
            if name == HEADERS_PROPERTY:
                return message.headers
            return self._charset() if name == CHARSET_PROPERTY else message.axis2.get(name)
        if scope == "transport":
            return message.headers.get(name)
        if message.other_scopes is not None and scope in message.other_scopes:
            return message.other_scopes[scope].get(name)
        return self._outside(name, scope)

    def set(self, name: str, value: object, scope: str = "default") -> None:
        """Set a property. Raises MediationError when the scope is read-only or the place refuses."""
        message = self._message
        if scope == "transport":
            message.headers[name] = _text(value)
        elif value is None:
            log.debug(
                'Property {name} keeps its value: a null does not remove, action="remove" does', name=name
            )
        elif scope in {"system", "registry"}:
            self._set_outside(name, value, scope)
        else:
            self.scope(scope)[name] = value
            if scope == "axis2" and name == "messageType":
                message.announce(str(value))
            elif name == SPACES_PROPERTY:
                self._keep_spaces(is_yes(value))

    def remove(self, name: str, scope: str = "default") -> None:
        """Remove a property; one that is not there is fine, and so are scopes that cannot remove."""
        if scope == "transport":
            self._message.headers.remove(name)
        elif scope == "axis2" and name == HEADERS_PROPERTY:
            self._message.headers.clear()
        elif scope in {"default", "axis2"} or scope in (self._message.other_scopes or ()):
            self.scope(scope).pop(name, None)
            if name == SPACES_PROPERTY:
                self._keep_spaces(False)

    def _charset(self) -> object:
        """Return the charset that was chosen, else what the type of the payload says."""
        axis2 = self._message.axis2
        if (chosen := axis2.get(CHARSET_PROPERTY)) is not None:
            return chosen
        content_type = axis2.get("ContentType")
        if content_type is None and self._message.client_headers is None:
            return None
        return named_charset(str(content_type or "")) or DEFAULT_CHARSET.upper()

    def _keep_spaces(self, keeps: bool) -> None:
        message = self._message
        rules = replace(message.surroundings.json_xml, keep_spaces=keeps)
        message.surroundings = replace(message.surroundings, json_xml=rules)
        message.body.rules = rules  # of the payload that is here; later ones ask the surroundings

    def _outside(self, name: str, scope: str) -> object:
        surroundings = self._message.surroundings
        if scope == "system":
            return surroundings.system.get(name)
        if scope == "env":
            return surroundings.environ.get(name)
        if scope == "file":
            return surroundings.file_properties.get(name)
        if scope == "func":
            return self._message.functions[-1].get(name) if self._message.functions else None
        if scope == "registry":
            return self._from_registry(name)
        return None

    def _from_registry(self, name: str) -> str | None:
        registry = self._message.surroundings.registry
        key, separator, property_name = name.partition("@")
        if separator:
            return registry.property(key, property_name)
        content = registry.read(key)
        return None if content is None else content.decode("utf-8", "replace")

    def _set_outside(self, name: str, value: object, scope: str) -> None:
        surroundings = self._message.surroundings
        if scope == "system":
            if not surroundings.may_write_system:
                raise MediationError(
                    f"The system property {name} cannot be set: it would be the same for all artifacts of the process. "
                    "[mediation] allow_system_property_write = true permits it"
                )
            surroundings.system[name] = value
            return
        try:
            key, separator, property_name = name.partition("@")
            if separator:
                surroundings.registry.set_property(key, property_name, _text(value))
            else:
                surroundings.registry.write(key, _text(value).encode())
        except (OSError, LookupError, MicroIntegratorError) as error:
            raise MediationError(f"The registry resource {name} cannot be written: {error}") from error


def is_yes(value: object) -> bool:
    """Return whether a property says true, as a truth value or as text."""
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
