"""<switch> - run the first case whose pattern matches a value.

    <switch source="EXPR">
      (<case regex="PATTERN"> mediators </case>)*
      [<default> mediators </default>]
    </switch>

source    the value, in any expression language (required)
regex     a regular expression of Java that must match the whole value; the first match wins (required)
default   runs when nothing matches and when the value is null

Returns what the chosen branch returned; True when there was none. Reads the body if `source` does.

Example:

    <sequence xmlns="http://ws.apache.org/ns/synapse" name="route">
      <switch source="json-eval($.size)">
        <case regex="[0-9]"><property name="lane" value="small"/></case>
        <default><property name="lane" value="large"/></default>
      </switch>
    </sequence>
"""

import re
from typing import Self

from micro_integrator.observability import get_logger
from micro_integrator.synapse.expressions import Expression
from micro_integrator.synapse.flow import Flow
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.mediator import Branch, Mediator, mediator, read_branch
from micro_integrator.synapse.message import Message

log = get_logger("SwitchMediator")


@mediator("switch")
class Switch(Mediator):
    """Runs the branch that a value chooses."""

    source: Expression
    cases: tuple[tuple[re.Pattern[str], Branch], ...]
    default: Branch | None

    @classmethod
    def from_xml(cls, x: XmlReader) -> Self:
        """Read the value, the cases and the default."""
        return cls(
            source=x.expression("source"),
            cases=tuple((case.pattern("regex"), read_branch(case)) for case in x.children("case")),
            default=x.first("default", read_branch),
        )

    @property
    def reads_body(self) -> bool:
        """True if the value comes out of the body."""
        return self.source.reads_body

    async def mediate(self, message: Message, flow: Flow) -> bool:
        """Choose and run."""
        value = self.source.text(message)
        if value is None:
            log.warning(
                "{prefix}Provided character sequence for switch case condition is 'null'. "
                "Switch case will not be executed.",
                prefix=flow.prefix,
            )
        hits = (branch for pattern, branch in self.cases if value is not None and pattern.fullmatch(value))
        chosen = next(hits, self.default)
        return True if chosen is None else await flow.run(chosen, message)
