"""<resource> - one kind of request to an API, and what is done with it.

<resource [methods="GET POST ..."] [uri-template="TEMPLATE" | url-mapping="MAPPING"] [protocol="http | https"]
          [content-type="TYPE"] [user-agent="PATTERN"] [binds-to="LISTENERS"]
          [inSequence="KEY"] [outSequence="KEY"] [faultSequence="KEY"]>
  [<inSequence> mediators </inSequence>] [<outSequence> ... </outSequence>] [<faultSequence> ... </faultSequence>]
</resource>
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from micro_integrator.synapse.apis.uri_pattern import UriPattern
from micro_integrator.synapse.apis.url_mapping import UrlMapping
from micro_integrator.synapse.formats import media_type_of
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import one_of
from micro_integrator.synapse.mediator import Branch, read_mediators

METHODS = ("GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH")
READING = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing."""
Part = Branch | str
"""Mediators written in place, or the key of a sequence."""

MAIN_LISTENERS = "default"
"""Stands in `binds-to` for the listeners that are no inbound endpoints."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a resource may ask of a request beside its path and its method."""

    scheme: str
    content_type: str | None
    """None for a request without a body."""
    user_agent: str


@dataclass(frozen=True, slots=True)
class Conditions:
    """What a resource asks for; None = anything."""

    scheme: str | None = None
    content_type: str | None = None
    user_agent: re.Pattern[str] | None = None

    def fit(self, traits: Traits) -> bool:
        """Return whether a request is as it must be."""
        return (
            self.fits_scheme(traits)
            and self._fits_type(traits.content_type)
            and (self.user_agent is None or self.user_agent.fullmatch(traits.user_agent) is not None)
        )

    def fits_scheme(self, traits: Traits) -> bool:
        """Return whether a request came as it must come, whatever it says."""
        return self.scheme is None or self.scheme == traits.scheme

    def _fits_type(self, sent: str | None) -> bool:
        wanted = self.content_type
        if wanted is None or sent is None:
            return True
        return _compact(sent) == _compact(wanted) if ";" in wanted else media_type_of(sent) == wanted.lower()


@dataclass(frozen=True, slots=True, eq=False)
class Resource:
    """A resource as it is deployed."""

    name: str
    methods: tuple[str, ...]
    """Empty = all."""
    mapping: UriPattern | UrlMapping | None
    """None: the resource for whatever no other one takes."""
    conditions: Conditions | None
    is_on_main_listeners: bool
    in_sequence: Part | None
    out_sequence: Part | None
    fault_sequence: Part | None
    properties: Mapping[str, object]
    """Properties of every message that is for this resource."""

    @classmethod
    def read(cls, x: XmlReader, properties: Mapping[str, object]) -> "Resource":
        """Read <resource>; `properties` are those of its API."""
        mapping = _mapping(x)
        return cls(
            name=x.position,
            methods=x.attribute("methods", _methods, ()),
            mapping=mapping,
            conditions=_conditions(x),
            is_on_main_listeners=binds_to_main_listeners(x),
            in_sequence=_part(x, "inSequence"),
            out_sequence=_part(x, "outSequence"),
            fault_sequence=_part(x, "faultSequence"),
            properties={**properties, "SYNAPSE_RESOURCE": x.position, **_pattern_property(mapping)},
        )

    def accepts(self, method: str) -> bool:
        """Return whether requests with `method` are for this resource; OPTIONS has rules of its own."""
        return not self.methods or method in self.methods

    def fits(self, traits: Traits) -> bool:
        """Return whether a request is as this resource asks for."""
        return self.conditions is None or self.conditions.fit(traits)

    def variables(self, path: str, query: str | None) -> dict[str, str] | None:
        """Return the variables of a path that is meant by this resource, None for any other path."""
        return {} if self.mapping is None else self.mapping.match(path, query)


def binds_to_main_listeners(x: XmlReader) -> bool:
    """Read `binds-to`; without one, or with an empty one, the main listeners are meant."""
    names = [name.strip() for name in (x.attribute("binds-to") or "").split(",") if name.strip()]
    others = ", ".join(name for name in names if name != MAIN_LISTENERS)
    if others:
        x.note(
            f"<{x.tag} binds-to>: there are no inbound endpoints that serve APIs yet, so none for {others}"
        )
    return not names or MAIN_LISTENERS in names


def _mapping(x: XmlReader) -> UriPattern | UrlMapping | None:
    template, mapping = x.attribute("uri-template"), x.attribute("url-mapping")
    text = template or mapping
    if not text:
        return None
    if template and mapping:
        x.report("<resource> can have 'uri-template' or 'url-mapping', not both")
    if not text.startswith(("/", "*", "{")):
        x.note(f"<resource> '{text}' means no request: a path begins with '/'")
    compiled = x.attribute("uri-template", UriPattern) if template else None
    return compiled or UrlMapping(text)  # a template with an error is still no default resource


def _pattern_property(mapping: UriPattern | UrlMapping | None) -> Mapping[str, object]:
    return {} if mapping is None else {"rest.url.pattern": mapping.source}


def _conditions(x: XmlReader) -> Conditions | None:
    found = Conditions(
        scheme=x.attribute("protocol", one_of("http", "https")),
        content_type=x.attribute("content-type", _media_type),
        user_agent=x.pattern("user-agent") if x.attribute("user-agent") is not None else None,
    )
    return None if found == Conditions() else found


def _part(x: XmlReader, name: str) -> Part | None:
    key, inline = x.attribute(name), x.first(name, _inline)
    if not key:
        return inline
    x.refer("sequence", key)
    if inline is not None:
        x.note(f"<resource {name}='{key}'> goes before the <{name}> inside it")
    return key


def _inline(x: XmlReader) -> Branch:
    on_error = x.attribute("onError")
    if on_error is not None:
        x.refer("sequence", on_error)
    return Branch(read_mediators(x), on_error=on_error)


def _methods(text: str) -> tuple[str, ...]:
    words = tuple(text.split())
    if len(set(words)) < len(words) or not set(words) <= set(METHODS):
        raise ValueError(f"some of {', '.join(METHODS)} separated by blanks, each once")
    return words


def _media_type(text: str) -> str:
    if text.partition(";")[0].count("/") != 1:
        raise ValueError("a media type such as application/json")
    return text.strip()


def _compact(content_type: str) -> str:
    return "".join(content_type.lower().split())
