"""<filter> - run mediators only if a condition holds, others if it does not.

    <filter (xpath="EXPR" | source="EXPR" regex="PATTERN")>
      mediators | <then [sequence="KEY"]> mediators </then> [<else [sequence="KEY"]> mediators </else>]
    </filter>

xpath      the condition, in any expression language. XPath: a number other than 0, a text that is not empty (even
           `false`), at least one node. json-eval and ${}: the text `true`
source     a value, in any expression language, together with `regex`
regex      a regular expression of Java that must match the whole value; null matches nothing
then       runs if the condition holds; mediators directly inside the filter mean the same
else       runs if it does not
sequence   a named sequence to run in place of mediators

Returns what the branch returned; True when there was none to run. Faults with `Couldn't find the referred then
sequence with key : KEY`. Reads the body if the condition does.

Example:

    <sequence xmlns="http://ws.apache.org/ns/synapse" name="check">
      <filter source="get-property('task.name')" regex="nightly-.*">
        <then><log level="custom"><property name="run" value="night"/></log></then>
        <else sequence="by-day"/>
      </filter>
      <filter xpath="//item"><drop/></filter>
    </sequence>
"""

import re
from dataclasses import dataclass
from typing import Self

from micro_integrator.synapse.errors import MediationError
from micro_integrator.synapse.expressions import Expression
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.mediator import Branch, Mediator, mediator, read_branch
from micro_integrator.synapse.message import Message


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two ways out of a filter: mediators in place, or a named sequence."""

    name: str
    branch: Branch
    sequence: str | None = None

    @classmethod
    def read(cls, x: XmlReader) -> "Side":
        """Read <then> or <else>."""
        sequence = x.attribute("sequence")
        if sequence is not None:
            x.refer("sequence", sequence)
        return cls(x.tag, read_branch(x), sequence)

    async def run(self, message: Message, flow: Flow) -> bool:
        """Run what stands here."""
        if self.sequence is None:
            return await flow.run(self.branch, message)
        if flow.branch(self.sequence) is None:
            raise MediationError(
                f"Couldn't find the referred {self.name} sequence with key : {self.sequence}"
            )
        return await flow.run_sequence(self.sequence, message)


@mediator("filter")
class Filter(Mediator):
    """Chooses between two sides."""

    condition: Expression
    pattern: re.Pattern[str] | None
    then: Side
    otherwise: Side | None

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read the condition and the sides."""
        pattern = None
        if x.has("source") or x.has("regex"):
            condition, pattern = x.expression("source"), x.pattern("regex")
            if x.has("xpath"):
                x.report("<filter> takes either xpath, or source and regex")
        else:
            condition = x.expression("xpath")
        then, otherwise = x.first("then", Side.read), x.first("else", Side.read)
        if then is None and otherwise is not None:
            raise x.error("<filter> has <else> without <then>")
        return cls(condition, pattern, then or Side("then", read_branch(x)), otherwise)

    @property
    def reads_body(self) -> bool:
        """True if the condition does."""
        return self.condition.reads_body

    async def mediate(self, message: Message, flow: Flow) -> bool:
        """Test and run."""
        if self._holds(message):
            return await self.then.run(message, flow)
        return True if self.otherwise is None else await self.otherwise.run(message, flow)

    def _holds(self, message: Message) -> bool:
        if self.pattern is None:
            return self.condition.is_true(message)
        value = self.condition.text(message)
        return value is not None and self.pattern.fullmatch(value) is not None
