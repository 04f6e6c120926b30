"""<propertyGroup> - several <property> elements under one roof.

    <propertyGroup> (<property .../>)* </propertyGroup>

property   as it stands alone: with name, scope, action, value or expression, type, pattern and group

Returns True. Faults as a <property> does. Reads the body if one of them does.

Example:

    <sequence xmlns="http://ws.apache.org/ns/synapse" name="prepare">
      <propertyGroup>
        <property name="source" value="nightly"/>
        <property name="Accept" scope="transport" value="application/json"/>
      </propertyGroup>
    </sequence>
"""

from typing import Self

from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.mediator import Branch, Mediator, mediator, read_mediator
from micro_integrator.synapse.message import Message


@mediator("propertyGroup")
class PropertyGroup(Mediator):
    """Runs its properties in order."""

    branch: Branch

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read the properties; there is room for nothing else."""
        return cls(Branch(tuple((read_mediator(part), part.position) for part in x.children("property"))))

    @property
    def reads_body(self) -> bool:
        """False: each property is asked by itself."""
        return False

    async def mediate(self, message: Message, flow: Flow) -> bool:
        """Run them."""
        return await flow.run(self.branch, message)
