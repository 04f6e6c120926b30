"""<sequence key> - run another sequence here.

    <sequence key="KEY | {EXPR}"/>

key   name of the sequence, or key of a resource of the registry that holds one, such as `conf:/a/b.xml`; or in braces
      an expression that gives it for each message (required)

Returns what the sequence returned. Faults with `Sequence named KEY cannot be found`, and when sequences run inside
themselves more than 256 deep. Does not read the body, unless `key` does.

Example:

    <sequence xmlns="http://ws.apache.org/ns/synapse" name="outer">
      <sequence key="inner"/>
      <sequence key="{get-property('next')}"/>
    </sequence>
"""

from typing import Self

from micro_integrator.synapse.expressions import Expression
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.mediator import Mediator, mediator
from micro_integrator.synapse.message import Message


@mediator("sequence")
class SequenceReference(Mediator):
    """Runs the sequence with this key."""

    key: Expression

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read `key`; a static one is noted as a reference."""
        if x.has("onError"):
            raise x.error("<sequence key> cannot carry onError: write it at the sequence that is called")
        key = x.required_dynamic("key")
        if key.is_constant:
            x.refer("sequence", key.source)
        return cls(key)

    @property
    def reads_body(self) -> bool:
        """True if the key comes out of the body."""
        return self.key.reads_body

    async def mediate(self, message: Message, flow: Flow) -> bool:
        """Run it."""
        return await flow.run_sequence(self.key.text(message) or "", message)
