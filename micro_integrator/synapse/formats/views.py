"""What a formatter may ask of a body."""

from typing import Protocol

from lxml import etree

from micro_integrator.synapse.formats.content import Content


class Views(Protocol):
    """The same payload, seen as what a formatter needs; views are made when they are first asked for."""

    def content(self) -> Content:
        """Return the payload in its own kind."""
        ...

    def xml(self) -> etree._Element | None:
        """Return the payload element."""
        ...

    def envelope(self) -> etree._Element:
        """Return the payload inside its SOAP envelope."""
        ...

    def use_soap(self, version: str) -> None:
        """Make the envelope one of `version`."""
        ...

    def json_text(self) -> str:
        """Return the payload as JSON text."""
        ...
