"""How long an endpoint may take, and what happens then."""

from dataclasses import dataclass
from typing import Literal, cast

from micro_integrator.observability import get_logger
from micro_integrator.synapse.expressions import Expression
from micro_integrator.synapse.grammar import XmlReader
from micro_integrator.synapse.kinds import duration
from micro_integrator.synapse.message import Message

log = get_logger("EndpointDefinition")

Action = Literal["never", "discard", "fault"]
ACTIONS = ("never", "discard", "fault")


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """<timeout>; without a duration, or with one that is no number, the limit of the engine applies."""

    seconds: float | None = None
    expression: Expression | None = None
    action: Action = "never"
    """discard: the message ends without a fault. The others run the fault sequence."""

    @classmethod
    def read(cls, x: XmlReader) -> "TimeLimit":
        """Read <timeout>: a duration in milliseconds, or an expression for it in braces."""
        action = x.first("responseAction", lambda part: part.text().strip().lower()) or "never"
        for part in x.children("action"):
            part.text()
            part.note("<action> has no effect: the element is called <responseAction>")
        if action not in ACTIONS:
            x.report(f"<responseAction>{action}: expected discard, fault or never")
        return x.first("duration", lambda part: _of(part, cast(Action, action))) or cls(
            action=cast(Action, action)
        )

    @property
    def is_own(self) -> bool:
        """Whether the artifact says how long."""
        return self.seconds is not None or self.expression is not None

    def seconds_for(self, message: Message) -> float:
        """Return the seconds this message may take. Only a number in the artifact may exceed the engine's limit."""
        usual = message.surroundings.call_time_limit
        if self.expression is None:
            return usual if self.seconds is None else self.seconds
        text = self.expression.text(message) or ""
        try:
            seconds = duration(text)
        except ValueError:
            seconds = -1.0
        if 0 < seconds <= usual:
            return seconds
        log.warning(
            "The timeout duration '{text}' is not a number of milliseconds up to {usual_ms:.0f}, which is used",
            text=text,
            usual_ms=usual * 1000,
        )
        return usual


def _of(x: XmlReader, action: Action) -> TimeLimit:
    text = x.text().strip()
    if text.startswith("{") and text.endswith("}"):
        return TimeLimit(expression=x.compiled(text[1:-1].strip()), action=action)
    if text.startswith("${"):
        return TimeLimit(expression=x.compiled(text), action=action)
    try:
        seconds = duration(text)
    except ValueError as error:
        x.report(f"<duration>{text}: expected {error}, or an expression in braces")
        return TimeLimit(action=action)
    if seconds < 0:
        x.report(f"<duration>{text}: a time that is over before it begins")
    return TimeLimit(seconds=seconds or None, action=action)
