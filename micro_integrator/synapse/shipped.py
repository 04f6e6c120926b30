"""The sequences that exist even when nobody deployed them: `main`, for messages without an artifact, and `fault`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from micro_integrator.kit import parse
from micro_integrator.synapse import mediators
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.mediator import Branch, read_mediators
from micro_integrator.synapse.reading import Findings, Source, Terms

__all__ = ["shipped_branches"]

_DEFINITIONS = {
    "main": """
        <sequence xmlns="http://ws.apache.org/ns/synapse" name="main">
          <log level="custom">
            <property name="main sequence executed for call to non-existent" expression="get-property('To')"/>
          </log>
          <property name="NO_ENTITY_BODY" scope="axis2" type="BOOLEAN" value="true"/>
          <property name="HTTP_SC" scope="axis2" value="404"/>
          <respond/>
        </sequence>""",
    "fault": """
        <sequence xmlns="http://ws.apache.org/ns/synapse" name="fault">
          <log level="full">
            <property name="MESSAGE" value="Executing default 'fault' sequence"/>
            <property name="ERROR_CODE" expression="get-property('ERROR_CODE')"/>
            <property name="ERROR_MESSAGE" expression="get-property('ERROR_MESSAGE')"/>
          </log>
          <drop/>
        </sequence>""",
}


@cache
def shipped_branches() -> Mapping[str, Branch]:
    """Return name → mediators; an artifact of the same name goes before."""
    return {name: _read(name, text) for name, text in _DEFINITIONS.items()}


def _read(name: str, text: str) -> Branch:
    source = Source(Path(mediators.__file__), 0)
    x = XmlReader(parse(text), source, Terms(), Findings(), f"sequence:{name}")
    x.required("name")
    return Branch(read_mediators(x), name=name)
