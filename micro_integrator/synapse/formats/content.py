"""What a body can be, once it has been read: four kinds of content, and nothing."""

from dataclasses import dataclass

from lxml import etree

from micro_integrator.synapse.formats.json import JsonValue


@dataclass(frozen=True, slots=True)
class Xml:
    """A document: a plain payload element, or a whole SOAP envelope."""

    root: etree._Element


@dataclass(frozen=True, slots=True)
class Json:
    """A JSON value, scalars included. Values are shared between messages: nobody changes them in place."""

    value: JsonValue
    text: str | None = None
    """The text it was read from, while that is still known."""


@dataclass(frozen=True, slots=True)
class Text:
    """Characters."""

    text: str


@dataclass(frozen=True, slots=True)
class Binary:
    """Bytes that mean nothing to us."""

    raw: bytes


Content = Xml | Json | Text | Binary | None
"""None = there is no payload."""
